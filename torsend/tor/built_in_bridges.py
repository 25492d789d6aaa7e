"""Bridges that everybody may use: those that the Tor Project hands out with its own programs.

They are public, so whoever blocks Tor can block them too, and mostly does: a bridge of one's own is better. Facts as of
``AS_OF``, from the Tor Project's list of built-in bridges (its circumvention service, ``/moat/circumvention/builtin``).

Snowflake and meek find their way through names of ordinary services, which the transport's program looks up on this
computer and connects to, before and beside Tor: the network sees those names, not Tor's.
"""

from __future__ import annotations

AS_OF = "2026-09-13"

# `front` beside `fronts`: snowflake-client 2.5.1, which Debian has, knows that one alone, and without it would name the
# broker openly to whoever watches. Newer ones look at `fronts` first.
_SNOWFLAKE = (
    "url=https://1098762253.rsc.cdn77.org/ front=app.datapacket.com fronts=app.datapacket.com,www.datapacket.com "
    "ice=stun:stun.epygi.com:3478,stun:stun.uls.co.za:3478,stun:stun.voipgate.com:3478,stun:stun.mixvoip.com:3478,"
    "stun:stun.telnyx.com:3478,stun:stun.hot-chilli.net:3478,stun:stun.fitauto.ru:3478,stun:stun.m-online.net:3478 "
    "utls-imitate=hellorandomizedalpn"
)

LINES: dict[str, tuple[str, ...]] = {
    "obfs4": (
        (
            "obfs4 45.145.95.6:27015 C5B7CD6946FF10C5B3E89691A7D3F2C122D2117C"
            " cert=TD7PbUO0/0k6xYHMPW3vJxICfkMZNdkRrb63Zhl5j9dW3iRGiCx0A7mPhe5T2EDzQ35+Zw iat-mode=0"
        ),
        (
            "obfs4 212.83.43.95:443 BFE712113A72899AD685764B211FACD30FF52C31"
            " cert=ayq0XzCwhpdysn5o0EyDUbmSOx3X/oTEbzDMvczHOdBJKlvIdHHLJGkZARtT4dcBFArPPg iat-mode=1"
        ),
        (
            "obfs4 51.222.13.177:80 5EDAC3B810E12B01F6FD8050D2FD3E277B289A08"
            " cert=2uplIpLQ0q9+0qMFrK5pkaYRDOe460LL9WHBvatgkuRr/SL31wBOEupaMMJ6koRE6Ld0ew iat-mode=0"
        ),
        (
            "obfs4 37.218.245.14:38224 D9A82D2F9C2F65A18407B1D2B764F130847F8B5D"
            " cert=bjRaMrr1BRiAW8IE9U5z27fQaYgOhX1UCmOpg2pFpoMvo6ZgQMzLsaTzzQNTlm7hNcb+Sg iat-mode=0"
        ),
        (
            "obfs4 212.83.43.74:443 39562501228A4D5E27FCA4C0C81A01EE23AE3EE4"
            " cert=PBwr+S8JTVZo6MPdHnkTwXJPILWADLqfMGoVvhZClMq/Urndyd42BwX9YFJHZnBB3H0XCw iat-mode=1"
        ),
        (
            "obfs4 209.148.46.65:443 74FAD13168806246602538555B5521A0383A1875"
            " cert=ssH+9rP8dG2NLDN2XuFw63hIO/9MNNinLmxQDpVa+7kTOa9/m+tGWT1SmSYpQ9uTBGa6Hw iat-mode=0"
        ),
        (
            "obfs4 146.57.248.225:22 10A6CD36A537FCE513A322361547444B393989F0"
            " cert=K1gDtDAIcUfeLqbstggjIw2rtgIKqdIhUlHp82XRqNSq/mtAjp1BIC9vHKJ2FAEpGssTPw iat-mode=0"
        ),
    ),
    "snowflake": (
        (
            "snowflake 192.0.2.3:80 2B280B23E1107BB62ABFC40DDCC8824814F80A72"
            f" fingerprint=2B280B23E1107BB62ABFC40DDCC8824814F80A72 {_SNOWFLAKE}"
        ),
        (
            "snowflake 192.0.2.4:80 8838024498816A039FCBBAB14E6F40A0843051FA"
            f" fingerprint=8838024498816A039FCBBAB14E6F40A0843051FA {_SNOWFLAKE}"
        ),
    ),
    "meek": (
        "meek_lite 192.0.2.20:80 url=https://1603026938.rsc.cdn77.org front=www.phpmyadmin.net utls=HelloRandomizedALPN",
    ),
}
"""By the name under which a set is offered."""
