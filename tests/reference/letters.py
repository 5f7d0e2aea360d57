"""Names of every script, and names that would be markup or control codes, if anything took them for that."""

MARKUP = [
    "[/red]x", "[bold]", "[link=http://x]y[/link]", "[/]", ":car:", "$x$", r"$\foo$", "$", "a_b^c", "_a", "__", "%", "%s",
    "{x}", "{", "{0}", "<script>alert(1)</script>", "<b>", "<!--", "-->", "]]>", "&amp;", "&", "&#65;", "|", "`", "``c``",
    "*b*", "**", "_e_", "~~s~~", "#", "# h", "- x", "+ x", "1. x", "12) x", "[a](http://b)", "[a][b]", "![a](b)", "\\", "\\n",
    '"', "'", "=1+1", "<http://x.y>", "http://x.y",
]  # fmt: skip
CODES = ["\x1b[31m", "\x1b]0;t\x07", "\x07", "\x00", "\x08\x08", "\x9b31m", "\r", "\n", "\t", "\v", "\u202eabc", "\u2028"]
SCRIPTS = ["夜班车", "نقل سريع", "नाइट", "รถเมล์", "автобус", "🚌", "naïve", "e\u0301", "ａｂ", "심야버스"]
