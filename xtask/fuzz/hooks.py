"""What the fuzzer has to know about the API beyond its description."""

import schemathesis

# Begin and end of a popup are local times: a `date-time` by the contract, but without an offset.
LOCAL_TIMES = ("start_date", "end_date")
OF_POPUPS = ("PopupAdmin", "PopupPublic")


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for name, schema in raw_schema["components"]["schemas"].items():
        if name in OF_POPUPS:
            for field in LOCAL_TIMES:
                for kind in schema["properties"].get(field, {}).get("anyOf", []):
                    kind.pop("format", None)
