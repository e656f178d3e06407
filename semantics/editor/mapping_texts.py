"""What each key of a mapping is for, in the words that an editor shows, with an example where one helps.

The keys themselves are those of :mod:`semantics.mapping.spec`; a test holds that none is missing here.
"""

from __future__ import annotations

from typing import Final

__all__ = ["EXAMPLES", "TEXTS"]

_ELEMENT: Final = {
    "name": "the name of what is derived; where the derivation stands under a key, that key is its name",
    "is_a": "a derivation of the same kind that this one builds on; what it does not say itself is inherited",
    "mixins": "further derivations that this one builds on; `is_a` counts before them",
    "target_definition": "keys for the element of a derived target schema, where nothing else gives them",
    "overrides": "keys that replace what the derived target schema would say of the element",
    "description": "what the derivation is about, in words",
}

TEXTS: Final[dict[str, dict[str, str]]] = {
    "MappingSpec": {
        "name": "the name of the mapping (default: that of its file)",
        "imports": "other mapping files whose derivations, code maps, prefixes and definitions belong to this one",
        "compat": "`linkml-map`: the mapping means what that tool makes of it",
        "source_schema": "the schema of the records: a name in the workspace, or a file beside the mapping",
        "target_schema": "the schema of the instances: a name in the workspace, or a file beside the mapping",
        "source_schema_patches": "a partial schema that is laid over the source schema before anything is planned",
        "prefixes": "prefix to IRI, for the heads of IRI templates; those of the target schema can be used, too",
        "source": "how the input is laid out: its format, and where its records are",
        "class_derivations": "what becomes of each source class, by target class",
        "enum_derivations": "how code lists correspond, by target enum",
        "code_maps": "code lists in files of their own: SSSOM, a FHIR ConceptMap, or a table",
        "definitions": "expressions that are said once and used by a name wherever an expression may stand",
        "tests": "what must come of which records; also in `NAME.tests.yaml` beside the mapping",
    },
    "SchemaReference": {
        "name": "the name of the schema in the workspace",
        "file": "the file of the schema, beside the mapping or in the workspace",
        "source_file": "another spelling of `file` that counts where there is no `name`",
        "schema_uri": "the IRI of the schema; another one is a warning",
        "version": "the version that the mapping was written for; another major version is an error",
    },
    "SourceSpec": {
        "format": "the format of inputs whose names do not tell it",
        "records": "where the records are in a document: a path, or a list of selectors that all apply",
        "unknown": "what is done about a column that the source class does not have: refuse the table, or count it",
        "wrap_single_values": "a single value where the source schema has a list counts as a list of one",
        "timezone": "the time zone (IANA) in which date-times without an offset are meant",
        "simplify": "a standard that writes one thing in several forms is brought into one form first",
        "dialect": "how the cells of a table are written, where it is not RFC 4180 under a header",
        "encoding": "the encoding of tables, an IANA name",
    },
    "RecordSelector": {
        "path": "the way from the root: keys joined by `.`, `[*]` for every element of a list; empty: the document",
        "class": "the source class of the record; or `{by: KEY}`: the value of that key names it",
        "has": "keys that the object must have with a value that is not null",
        "unless": "keys that the object must not have",
    },
    "ByKey": {"by": "the key of the record whose value names its class"},
    "Dialect": {
        "delimiter": "what stands between two cells",
        "quote_char": "what stands around a quoted cell; null: nothing is quoted",
        "double_quote": "a quote inside a quoted cell is written twice",
        "header": "whether the first row names the columns",
        "columns": "the names of the columns, where no row has them",
        "comment_prefix": "rows that begin with it are left out",
        "skip_rows": "how many rows are left out at the top",
        "trim": "spaces around a cell do not count",
        "decimal_char": "what stands before the decimals of a number",
        "group_char": "what stands between groups of digits",
        "flattened": "dots and indexes in the names of columns stand for objects and lists",
    },
    "CodeMapSpec": {
        "name": "the name by which slots and expressions use the code map",
        "file": "the file, in the folder of the mapping or the workspace; nothing is fetched",
        "format": "the format of the file (default: what its name tells)",
        "from": "the column of the source codes; of a ConceptMap the source system",
        "to": "the column of the target codes; of a ConceptMap the target system",
        "predicates": "the relations by which two codes count as one",
        "from_as": "SSSOM: how source identifiers are looked up",
        "to_as": "SSSOM: how target identifiers are given",
    },
    "CopyDirective": {
        "element_name": "what the directive is about, in words",
        "copy_all": "every slot of the source class is copied",
        "exclude_all": "no slot of the source class is copied",
        "exclude": "slots that are not copied",
        "include": "slots that are copied all the same",
    },
    "ValueDerivation": {
        "name": "the permissible value of the target enum",
        "populated_from": "the source value, or a list of them (default: the value of the same name)",
        "sources": "further source values",
        "expr": "a condition: where it is true this value is chosen, whatever the code",
        "description": "what the value stands for, in words",
    },
    "EnumDerivation": {
        **_ELEMENT,
        "abstract": "the derivation is only there to be built on",
        "populated_from": "the source enum",
        "sources": "the source enums, for readers; the names are checked",
        "expr": "an expression for the target value; where it is null the rest applies",
        "expression_to_value_mappings": "condition to target value, in the order in which they stand",
        "mirror_source": "equal names correspond",
        "code_map": "the name of a code list; the rules of the derivation come before it",
        "permissible_value_derivations": "target value to where it comes from",
    },
    "Offset": {
        "offset_value": "the number that `offset_field` is multiplied with",
        "offset_field": "the source slot whose multiple is added",
        "offset_reverse": "the multiple is taken off instead",
    },
    "Stringification": {
        "delimiter": "what stands between the elements",
        "reversed": "a text is taken apart into a list",
        "over_slots": "the values of these slots instead of one list",
        "syntax": "how the list is written",
    },
    "AggregationOperation": {
        "operator": "what is made of the values",
        "null_handling": "what is done with a null among the values",
        "invalid_value_handling": "`ERROR_OUT`, which is always so: a value that is not of its type rejects the record",
    },
    "PivotOperation": {
        "direction": "`MELT` makes one object of each of several slots; `UNMELT` fills the slots by such objects",
        "variable_slot": "the slot that holds the name of the variable",
        "value_slot": "the slot that holds the value",
        "unit_slot": "the slot that holds the unit",
        "slot_name_template": "the slot that a variable fills: `{variable}`, or `{variable}_{unit}`",
        "source_slots": "the slots that become objects (default: all that hold one value)",
        "id_slots": "slots that are repeated in each object, or copied",
        "unmelt_to_class": "the target class whose slots go in",
        "unmelt_to_slots": "the slots that are filled (default: all without a derivation)",
        "unmapped": "what becomes of a variable that has no slot",
    },
    "Inverse": {
        "class_name": "the target class of the objects that hold this one",
        "slot_name": "the slot of that class by which they hold it",
    },
    "TypeTest": {
        "by": "the slot of the source that tells the type",
        "is": "its value, or values, that fit",
    },
    "UnitConversion": {
        "target_unit": "the unit of the result (default: that of the target slot in its schema)",
        "target_unit_scheme": "how the target unit is written: `ucum` (the default), `rec20` or `symbol`",
        "source_unit": "the unit of the source (default: that of the source slot in its schema)",
        "source_unit_scheme": "how the source unit is written: `ucum` (the default), `rec20` or `symbol`",
        "source_unit_slot": "a slot beside the number that holds its unit",
        "source_magnitude_slot": "the slot of the number, where `populated_from` is an object that holds both",
        "target_unit_slot": "the result is an object: its slot for the unit",
        "target_magnitude_slot": "the result is an object: its slot for the number",
        "none_if_non_numeric": "a text that is no number is null instead of refused",
    },
    "SlotDerivation": {
        **_ELEMENT,
        "populated_from": "the value at a path of source slots; with `class_derivations` or `object`: where the "
        "objects come from",
        "sources": "several paths: the first that has a value counts",
        "expr": "the value of an expression. Quote it",
        "value": "a constant: text, number, boolean, or a list of them",
        "iri": "an IRI made from a template: `{path}` is percent-encoded, `{+path}` keeps reserved characters",
        "range": "what the target slot holds; only compared with the target schema",
        "value_mappings": "source code to target value",
        "expression_mappings": "source code to expression",
        "expression_to_value_mappings": "condition to target value",
        "expression_to_expression_mappings": "condition to expression: the first that is true gives the value",
        "mirror_source": "a code without an entry passes as it is, like `unmapped: pass`",
        "missing_values": "texts that stand for no value: the slot is null where one is written",
        "offset": "a multiple of another slot is added to the value",
        "stringification": "a list as one text, or a text as a list",
        "aggregation_operation": "many values as one",
        "cast_collection_as": "what the slot is; it must agree with the target schema",
        "dictionary_key": "the slot by which the objects of a `MultiValuedDict` are keyed",
        "pivot_operation": "`MELT`: one object for each of several slots",
        "type_designator": "the slot holds the name of the target class",
        "inverse_of": "the identifier of the object that holds this one",
        "object": "the slots of the object that the slot holds, or a list of such: short for `class_derivations`",
        "object_derivations": "an older spelling of `class_derivations`",
        "derived_from": "the source slots that an expression uses, for readers; the names are checked",
        "hide": "the slot is made for others (`slot('name')`) and left out of the instance",
        "timezone": "the time zone (IANA) in which date-times without an offset are meant",
        "empty": "`keep`: an empty cell of a table is an empty text in this slot; `null` is the rule",
        "code_map": "the name of a code map by which the value is looked up",
        "unmapped": "what is done with a code that has no entry",
        "default": "a constant that fills the slot when its value is null",
        "for_each": "a list of the source: one object for each of its elements",
        "as": "the name of the element of `for_each`",
        "where": "a condition: where it is not true the slot is left out, and has no default",
        "class_derivations": "the objects that the slot holds, by their class",
        "unit_conversion": "from which unit to which the number is converted",
    },
    "JoinSpec": {
        "name": "the name of the join",
        "alias": "the name by which expressions and paths see the partner",
        "class_named": "the source class of the partners (default: the name of the join)",
        "source_key": "what is looked up: a slot, a path or an expression of the record",
        "lookup_key": "what it must equal: a slot or an expression of the partner (default: its identifier)",
        "join_on": "both keys, where they are slots of one name",
        "many": "the name is the list of all partners, in the order of the input",
        "pick": "which partner counts when there are several",
        "required": "a record without a partner is rejected",
    },
    "ClassDerivation": {
        **_ELEMENT,
        "abstract": "the derivation is only there to be built on; its name need not be a class",
        "populated_from": "the source class (default: the class of the same name)",
        "where": "a condition; a record for which it is not true gives no such instance",
        "emit": "`root`: a record gives an instance; `nested`: for objects inside others only; `reference`: gives "
        "the identifier where a slot refers to the class, and no instance",
        "joins": "records of other classes that belong to a record, by the name under which expressions see them",
        "for_each": "a list of the record: each of its elements gives an instance",
        "group_by": "one instance of several records: a slot, slots, or names with expressions",
        "as": "the name of the element of `for_each`, or of the list of a group's records (default: `members`)",
        "having": "which groups give an instance: a condition",
        "copy_directives": "slots that are copied besides those that are derived",
        "slot_derivations": "where the slots of the class come from; the others stay empty",
        "sources": "several source classes: the derivation stands for each of them",
        "when_type": "the class, or classes, that the record must be of; or `{by: SLOT, is: VALUE}`",
        "pivot_operation": "`UNMELT`: long objects made wide",
    },
    "MappingTest": {
        "name": "what the test claims; no two tests of a file have one name",
        "description": "more about the test, in words",
        "input": "one record",
        "inputs": "several records, as one run: joins and groups see all of them",
        "input_file": "a file that is read as `semantics convert` reads it",
        "class": "the source class of the records, where they do not tell it",
        "related": "further records that joins can find, by source class",
        "now": "the instant that `now_of_run()` gives",
        "output": "the one instance; the slot that designates its type may be left out",
        "outputs": "all instances in their order, each under its class",
        "contains": "like `output`, but only what it names is compared; as a list: instances that must be there",
        "rejected": "the codes of all findings of rejected records",
        "filtered": "`true`, or how many records are filtered",
        "exact": "numbers must be written alike, too: `1.50` is not `1.5`",
    },
}
"""By part of a mapping, the text of each key."""

EXAMPLES: Final[dict[tuple[str, str], str]] = {
    ("MappingSpec", "prefixes"): 'prefixes: {data: "https://example.org/data/"}',
    ("MappingSpec", "source"): 'source: {format: json, records: "Data.Account[*]"}',
    ("MappingSpec", "class_derivations"): (
        "class_derivations:\n  Observation:\n    populated_from: Reading\n    slot_derivations:\n"
        "      phenomenon_time: read_on"
    ),
    ("MappingSpec", "enum_derivations"): (
        "enum_derivations:\n  AccountType:\n    populated_from: Kind\n    permissible_value_derivations:\n"
        "      SAVINGS: {populated_from: [S, SV]}"
    ),
    ("MappingSpec", "code_maps"): "code_maps:\n  fuels: {file: code-maps/fuels.csv, from: code, to: label}",
    ("MappingSpec", "definitions"): "definitions:\n  holder: \"coalesce(owner, 'nobody')\"",
    ("MappingSpec", "tests"): (
        'tests:\n  - name: an account has its number\n    input: {number: "1"}\n'
        '    output: {id: "https://example.org/account/1"}'
    ),
    ("MappingSpec", "source_schema"): 'source_schema: {name: bank, version: "2.1"}',
    ("SourceSpec", "records"): 'records:\n  - {path: "items[*]", class: Item, has: [id]}',
    ("ClassDerivation", "where"): 'where: "{kwh} is not null"',
    ("ClassDerivation", "joins"): "joins:\n  owner: {class_named: Person, source_key: owner_id, lookup_key: id}",
    ("ClassDerivation", "group_by"): 'group_by: {month: "substr(booked, 0, 7)"}',
    ("ClassDerivation", "slot_derivations"): (
        'slot_derivations:\n  id: {iri: "data:account/{number}"}\n  name: branch.name'
    ),
    ("SlotDerivation", "populated_from"): "name: {populated_from: branch.place.city}",
    ("SlotDerivation", "sources"): "name: {sources: [nickname, legal_name]}",
    ("SlotDerivation", "expr"): "name: {expr: \"concat(upper(owner), ' (', count, ')')\"}",
    ("SlotDerivation", "iri"): 'id: {iri: "data:account/{number}"}',
    ("SlotDerivation", "value_mappings"): "kind: {populated_from: code, value_mappings: {c: CURRENT, s: SAVINGS}}",
    ("SlotDerivation", "object"): "postings: {for_each: entries, object: {amount: value, text: label}}",
    ("SlotDerivation", "for_each"): "postings: {for_each: entries, object: {amount: value}}",
    ("SlotDerivation", "class_derivations"): (
        "postings:\n  for_each: entries\n  class_derivations:\n    Posting: {slot_derivations: {amount: value}}"
    ),
    ("SlotDerivation", "unit_conversion"): "unit_conversion: {source_unit: lbs, target_unit: kg}",
    ("SlotDerivation", "missing_values"): "missing_values: [-99, N/A]",
    ("SlotDerivation", "stringification"): 'stringification: {delimiter: ", "}',
    ("SlotDerivation", "pivot_operation"): (
        "pivot_operation: {direction: MELT, source_slots: [kwh, kvarh], variable_slot: text, value_slot: amount}"
    ),
    ("SlotDerivation", "aggregation_operation"): "aggregation_operation: {operator: SUM}",
    ("EnumDerivation", "permissible_value_derivations"): (
        "permissible_value_derivations:\n  SAVINGS: {populated_from: [S, SV]}"
    ),
}
"""By part and key, how it may be written."""
