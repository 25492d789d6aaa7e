"""How mail programs write what they put into a mail by themselves, in many languages: words for ``pasted`` to look for."""

from __future__ import annotations

WROTE = (
    "wrote", "schrieb", "hat geschrieben", "a écrit", "escribió", "ha escrito", "ha scritto", "scrisse",
    "escreveu", "schreef", "skrev", "kirjoitti", "napsal", "napsala", "napsal(a)", "napísal", "napísala",
    "napisał", "napisała", "napisał(a)", "pisze", "написал", "написала", "написал(а)", "пишет", "написав",
    "пише", "írta", "ezt írta", "a scris", "yazdı", "şunu yazdı", "έγραψε", "написа", "je napisao",
    "je napisala", "va escriure", "skrifaði", "rašė", "rakstīja", "kirjutas", "menulis", "đã viết", "เขียนว่า",
    "כתב", "כתבה", "‫כתב", "كتب", "نوشت", "ने लिखा",
)  # fmt: skip
"""As in "On Tuesday Marta wrote:"."""

WROTE_WITHOUT_SPACE = (
    "写道", "寫道", "のメール", "さんは書きました", "のメッセージ", "님이 작성", "작성",
)  # fmt: skip
"""The same in scripts that put no space before it."""

ORIGINAL = (
    "original message", "original appointment", "forwarded message", "ursprüngliche nachricht",
    "weitergeleitete nachricht", "originalnachricht", "message d['’]origine", "message transféré",
    "message original", "mensaje original", "mensaje reenviado", "mensagem original", "mensagem encaminhada",
    "messaggio originale", "messaggio inoltrato", "oorspronkelijk bericht", "doorgestuurd bericht",
    "ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande", "oprindelig meddelelse",
    "videresendt besked", "opprinnelig melding", "alkuperäinen viesti", "původní zpráva",
    "wiadomość oryginalna", "oryginalna wiadomość", "исходное сообщение", "пересылаемое сообщение",
    "orijinal ileti", "eredeti üzenet", "mesaj original", "αρχικό μήνυμα", "原始邮件", "原始郵件", "转发的邮件",
    "元のメッセージ", "원본 메시지",
)  # fmt: skip
"""As in "-----Original Message-----"; patterns, without regard to case."""

BEGINS = (
    "begin forwarded message", "anfang der weitergeleiteten nachricht", "début du message réexpédié",
    "inicio del mensaje reenviado", "inizio messaggio inoltrato", "begin doorgestuurd bericht",
    "vidarebefordrat brev",
)  # fmt: skip
"""As in "Begin forwarded message:"."""

HEADER_NAMES = (
    "from", "sent", "to", "cc", "date", "subject", "reply-to", "message-id", "received", "return-path",
    "x-mailer", "user-agent", "x-originating-ip", "dkim-signature", "delivered-to", "in-reply-to", "von",
    "gesendet", "an", "datum", "betreff", "de", "envoyé", "à", "objet", "enviado", "para", "asunto", "fecha",
    "da", "inviato", "a", "oggetto", "data", "enviada", "assunto", "van", "verzonden", "aan", "onderwerp",
    "från", "skickat", "till", "ämne", "fra", "sendt", "til", "emne", "lähettäjä", "lähetetty", "vastaanottaja",
    "aihe", "od", "odesláno", "komu", "předmět", "wysłano", "do", "temat", "от", "от кого", "отправлено",
    "кому", "тема", "дата", "від", "надіслано", "kimden", "gönderilen", "kime", "konu", "feladó", "címzett",
    "tárgy", "从", "发件人", "发送时间", "收件人", "主题", "差出人", "送信日時", "宛先", "件名",
    "보낸 사람", "받는 사람", "제목",
)  # fmt: skip
"""Names of header fields as programs translate them above a quoted mail."""

DEVICES = (
    r"sent (?:from|via|with|using) (?:my |the )?(?:\w+ )?(?:iphone|ipad|ipod|android|galaxy|samsung|huawei|blackberry)",
    r"sent (?:from|via|with|using) (?:my |the )?(?:\w+ )?(?:windows|mail for|mobile|phone|smartphone|tablet)",
    r"sent (?:from|via|with|using) (?:outlook|yahoo|gmail|proton|protonmail|tutanota|tuta|bluemail|k-9|mailfence)",
    r"get outlook for \w+",
    "download outlook",
    r"von mein\w+ .{2,40} gesendet",
    "(?:diese nachricht wurde )?von meinem .{2,40} gesendet",
    r"gesendet (?:von|mit|über) (?:mein\w*|outlook|gmx|web\.de|proton|tuta)",
    "holen sie sich outlook",
    "envoyé (?:de|depuis|à partir de|avec) (?:mon|ma|outlook|proton|yahoo|courrier|l['’]app)",
    "enviado (?:desde|do|a partir do|con) (?:mi|meu|outlook|proton|yahoo|correo)",
    "inviato (?:da|dal mio|con) (?:iphone|ipad|android|smartphone|outlook|proton|mio|libero|tutanota|posta)",
    "verzonden (?:vanaf|met|vanuit|via) (?:mijn|outlook|proton|mail)",
    "verstuurd vanaf mijn",
    "skickat från (?:min|outlook|e-post)",
    "sendt fra (?:min|outlook|mail)",
    r"lähetetty (?:iphone|ipad|android|puhelim|matkapuhelim|samsung|outlook|huawei)\w*",
    "wysłan[eoy] z (?:iphone|ipad|android|mojego|telefonu|outlook|programu)",
    "(?:odesláno|odoslané) z (?:iphon|ipad|android|mobil|mého|môjho|outlook|pošty)",
    "отправлено (?:с|из|со) (?:iphone|ipad|моего|мобильн|android|samsung|outlook|яндекс)",
    "надіслано з",
    "iphoneから送信",
    "iphone から送信",
    "ipadから送信",
    "发自我的",
    "從我的 .{2,20} 傳送",
    "나의 iphone에서 보냄",
    "내 .{2,20}에서 보냄",
    "iphone'?umdan gönderildi",
    "iphone'?dan gönderildi",
    "trimis de pe (?:iphone|ipad|android|telefon|dispozitiv)",
    r"(?:iphone|ipad|android|telefon)\w*(?:ról|ről) küldve",
)  # fmt: skip
"""Beginnings of lines such as "Sent from my iPhone"; patterns, without regard to case."""
