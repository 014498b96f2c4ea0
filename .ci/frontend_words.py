"""Write what the front end says as one plain script, for `makemessages --domain djangojs`: xgettext can't read TSX.

python .ci/frontend_words.py wagtail_flows/frontend/src > words.js
"""

import re
import sys

from pathlib import Path


TEXT = r'"(?:[^"\\\n]|\\.)*"'
CALL = re.compile(rf"\b(n?gettext)\(\s*({TEXT})\s*(?:,\s*({TEXT})\s*,[^)]*|,?\s*)\)")


def main(sources: Path) -> int:
    words: dict[str, None] = {}
    for file in sorted(sources.rglob("*.ts*")):
        if file.name.endswith((".d.ts", ".test.ts", ".test.tsx")):
            continue
        code = file.read_text(encoding="utf-8")
        found = list(CALL.finditer(code))
        if len(found) != len(re.findall(r"\bn?gettext\(", code)):
            print(f"{file}: gettext() wants its text right there, in double quotes.", file=sys.stderr)
            return 1
        for call, one, many in (match.groups() for match in found):
            words[f"{call}({one}, {many}, 2)" if many else f"{call}({one})"] = None
    print(";\n".join(words) + ";")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
