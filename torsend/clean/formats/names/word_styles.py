"""Names of styles that every Word knows (its latent styles); all others are somebody's own, or another program's."""

from __future__ import annotations

import re

KNOWN = re.compile(
    r"""
    normal | normal[ ]indent | normal[ ]\(web\) | normal[ ]table | no[ ]list | no[ ]spacing | default[ ]paragraph[ ]font
    | (?:heading|index|toc)[ ][1-9] | index[ ]heading | toc[ ]heading | toa[ ]heading | note[ ]heading
    | title | subtitle | caption | header | footer | date | closing | signature | salutation | revision | macro
    | bibliography
    | table[ ]of[ ](?:figures|authorities) | envelope[ ](?:address|return) | (?:line|page)[ ]number
    | (?:footnote|endnote|annotation)[ ](?:text|reference) | annotation[ ]subject | balloon[ ]text | placeholder[ ]text
    | list(?:[ ](?:bullet|number|continue))?(?:[ ][2-5])? | list[ ]paragraph | message[ ]header
    | body[ ]text(?:[ ](?:first[ ])?indent)?(?:[ ][23])? | block[ ]text | plain[ ]text | document[ ]map | book[ ]title
    | hyperlink | followedhyperlink | smart[ ](?:hyperlink|link) | hashtag | mention | unresolved[ ]mention
    | e-mail[ ]signature
    | strong | (?:subtle[ ]|intense[ ])?emphasis | (?:intense[ ])?quote | (?:subtle|intense)[ ]reference
    | html[ ](?:(?:top|bottom)[ ]of[ ]form|acronym|address|cite|code|definition|keyboard|preformatted|sample|typewriter)
    | html[ ]variable
    | outline[ ]list[ ][1-3] | table[ ](?:contemporary|elegant|professional|theme|grid(?:[ ]light)?)
    | table[ ](?:simple|classic|colorful|columns|grid|list|3d[ ]effects|web|subtle)[ ][1-8]
    | (?:light|medium|dark|colorful)[ ](?:shading|list|grid)(?:[ ][1-3])?(?:[ ]accent[ ][1-6])?
    | plain[ ]table[ ][1-5] | grid[ ]table[ ]light
    | (?:grid|list)[ ]table[ ][1-7](?:[ ](?:light|dark|colorful))?(?:[ ]accent[ ][1-6])?
    """,
    re.VERBOSE | re.IGNORECASE,
)
