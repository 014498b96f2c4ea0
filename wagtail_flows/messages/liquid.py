"""The closed Liquid environments: which tags and filters there are, and how much one template may do.

Nothing here reads files, other templates or Python attributes: the context is dictionaries, lists, text and numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from functools import wraps
from typing import Any

from liquid import Environment, RenderContext, Token
from liquid.ast import Node
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.exceptions import FilterArgumentError, LocalNamespaceLimitError, LoopIterationLimitError
from liquid.expression import Expression
from liquid.template import BoundTemplate

from wagtail_flows.lib import clock


MAX_SOURCE = 20_000  # characters of one field
MAX_ITERATIONS = 2_000  # of all loops of one field together
MAX_WORK = 2_000_000  # characters and items that go through the filters of one field, each time anew
MAX_OUTPUT = 100_000  # bytes written by one field
MAX_VARIABLES = 100_000  # bytes kept by assign and capture
MAX_VALUE = 50_000  # characters or items that go into a filter or come out of it
MAX_ARGUMENT = 500  # characters of a filter's argument: with MAX_VALUE it bounds what `replace` can make in one go

# Left out: include and render (other templates), tablerow (makes markup), liquid, echo, increment (nobody needs them).
TAGS = frozenset(
    {"if", "unless", "case", "for", "break", "continue", "assign", "capture", "cycle", "comment", "#", "raw"}
)
# Left out: safe and escapejs (they lift the escaping), base64 and url_decode (they hide what is written).
FILTERS = frozenset(
    {
        "abs",
        "append",
        "at_least",
        "at_most",
        "capitalize",
        "ceil",
        "compact",
        "concat",
        "date",
        "default",
        "divided_by",
        "downcase",
        "escape",
        "escape_once",
        "find",
        "first",
        "floor",
        "join",
        "last",
        "lstrip",
        "map",
        "minus",
        "modulo",
        "newline_to_br",
        "plus",
        "prepend",
        "reject",
        "remove",
        "remove_first",
        "remove_last",
        "replace",
        "replace_first",
        "replace_last",
        "reverse",
        "round",
        "rstrip",
        "size",
        "slice",
        "sort",
        "sort_natural",
        "split",
        "squish",
        "strip",
        "strip_html",
        "strip_newlines",
        "sum",
        "times",
        "truncate",
        "truncatewords",
        "uniq",
        "upcase",
        "url_encode",
        "where",
    }
)


class BoundedContext(RenderContext):
    """Counts what all loops and filters of a template do together; the library counts only loops in each other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.iterations = 0
        self.work = 0

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        apply = super().filter(name, token)

        def counted(value: Any, *args: Any, **kwargs: Any) -> Any:
            self.work += 100 + (len(value) if isinstance(value, Sized) else 0)
            if self.work > MAX_WORK:
                raise LoopIterationLimitError("filter limit reached", token=None)
            return apply(value, *args, **kwargs)

        return counted

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.iterations += length
        if self.iterations > MAX_ITERATIONS:
            raise LoopIterationLimitError("loop iteration limit reached", token=None)


class BoundedTemplate(BoundTemplate):
    context_class = BoundedContext


class ClosedEnvironment(Environment):
    output_stream_limit = MAX_OUTPUT
    local_namespace_limit = MAX_VARIABLES
    block_nesting_limit = 20
    template_class = BoundedTemplate

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        # Those whose name isn't a word are the parser's own: text, output, and what it does with an illegal token.
        self.tags = {
            name: tag for name, tag in self.tags.items() if name in TAGS or not name.isalpha() or name in PARSER
        }
        self.filters = {name: bounded(self.filters[name]) for name in FILTERS}
        self.filters["date"] = told_the_time(self.filters["date"])


# Names under which the library keeps literal text, output and illegal tokens among the tags.
PARSER = frozenset({"literal", "content", "output", "illegal"})


def bounded(filter_function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter with limits on what goes in and what comes out, so that no chain of filters can fill the memory."""

    @wraps(filter_function)
    def checked(value: Any, *args: Any, **kwargs: Any) -> Any:
        _check_size(value, MAX_VALUE)
        for argument in args:
            _check_size(argument, MAX_ARGUMENT)
        answer = filter_function(value, *args, **kwargs)
        _check_size(answer, MAX_VALUE)
        return answer

    return checked


def told_the_time(date_filter: Callable[..., Any]) -> Callable[..., Any]:
    """The filter `date`, for which "now" and "today" are the moment to decide by, and not the machine's own."""

    @wraps(date_filter)
    def told(value: Any, *args: Any, **kwargs: Any) -> Any:
        return date_filter(clock.now().astimezone() if value in ("now", "today") else value, *args, **kwargs)

    return told


def _check_size(value: Any, limit: int) -> None:
    if isinstance(value, str | list | tuple | range) and len(value) > limit:
        raise LocalNamespaceLimitError("a value is too long", token=None)
    # `times` can grow a number for ever, and Python refuses to print one of more than 4300 digits.
    if isinstance(value, int) and value.bit_length() > 256:
        raise FilterArgumentError("a number is too large", token=None)


def has_long_range(template: BoundTemplate) -> bool:
    """Whether it has a range such as `(1..n)` that is longer than loops may be, or whose length can't be known.

    Loops count, but `contains` and `offset` walk along a range without counting.
    """
    context = RenderContext(template)
    nodes: list[Node] = list(template.nodes)
    while nodes:
        node = nodes.pop()
        nodes += node.children(context, include_partials=False)
        if any(_is_long_range(expression) for expression in _all(node.expressions())):
            return True
    return False


def _all(expressions: Iterable[Expression]) -> Iterator[Expression]:
    for expression in expressions:
        yield expression
        yield from _all(expression.children())


def _is_long_range(expression: Expression) -> bool:
    if not isinstance(expression, RangeLiteral):
        return False
    start, stop = expression.start, expression.stop
    if not isinstance(start, IntegerLiteral) or not isinstance(stop, IntegerLiteral):
        return True
    return stop.value - start.value >= MAX_ITERATIONS


PLAIN = ClosedEnvironment(autoescape=False)
MARKUP = ClosedEnvironment(autoescape=True)
