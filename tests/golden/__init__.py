"""One golden form: the same drafts, written in many environments, give the same bytes.

``drafts`` has what is written, ``write`` writes it and says it to a server, in a process of its own, ``environments`` are
where that process is started. What they must give stands beside them: ``mail.eml``, ``dialogue.txt``, ``hello-*.txt``.
To write those anew, after a change of the form that is meant::

    .venv/bin/python -m tests.golden.write --renew
"""
