"""Every mutant of a module: its source with one small fault.

What only guards against the programmer is left alone: annotations, `assert`, decorators, the
classes of `isinstance`, `strict` of `zip`. So are texts, whose wording other tests hold.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMES = {
    "min": "max", "any": "all", "floor": "ceil", "lcm": "gcd", "numerator": "denominator",
    "bisect_left": "bisect_right",
}  # fmt: skip
NAMES |= {other: name for name, other in NAMES.items()}
PLAIN = {"sorted": "list", "reversed": "iter", "abs": "+"}

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Test = ast.If | ast.IfExp | ast.While


class Mutant(NamedTuple):
    """One fault, as a place in a tree and what stands there instead.

    Attributes:
        kind: `comparison`, `arithmetic`, `logic`, `constant`, `call`, `slice` or `flow`.
        scope: the function, from the module down.
        text: the line.
        outermost: the number of the function of the module it is in; None of what an import runs.
    """

    module: str
    line: int
    kind: str
    scope: str
    outermost: int | None
    text: str
    before: str
    after: str
    holder: Any  # whose child is replaced
    where: Any
    new: ast.AST
    nth: int  # of those of one function that read the same

    @property
    def fault(self) -> str:
        return f"{self.before} → {self.after}"

    @property
    def key(self) -> str:
        """What stays the same while its line does."""
        nth = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.module} | {self.scope or '-'} | {self.text} | {self.fault}{nth}"

    def put(self) -> None:
        """Change the tree."""
        if isinstance(self.holder, list):
            self.holder[self.where] = self.new
        else:
            setattr(self.holder, self.where, self.new)


class Walk:
    """The mutants of one module, in the order of its text."""

    def __init__(self, module: str, tree: ast.Module, lines: Sequence[str]) -> None:
        self.module = module
        self.lines = lines
        self.found: list[Mutant] = []
        self.seen: Counter[str] = Counter()
        self.scope: list[str] = []
        self.functions = 0
        self.outermost: int | None = None
        self._children(tree)

    def _children(self, node: ast.AST) -> None:
        for name in _looked_at(node):
            value = getattr(node, name)
            if isinstance(value, list):
                for at, each in enumerate(value):
                    self._visit(each, value, at)
            else:
                self._visit(value, node, name)

    def _visit(self, node: object, holder: Any, key: Any) -> None:
        if not isinstance(node, ast.AST) or _guard(node):
            return
        for kind, new in replaced(node):
            self._add(node, holder, key, kind, new)
        if isinstance(node, Function | ast.ClassDef):
            self._scope(node)
        else:
            self._children(node)

    def _scope(self, node: Function | ast.ClassDef) -> None:
        if isinstance(node, Function):
            self._children(node.args)  # what stands for values not given is made by the import
        opens = isinstance(node, Function) and self.outermost is None
        if opens:
            self.outermost = self.functions
            self.functions += 1
        self.scope.append(getattr(node, "name", "lambda"))
        self._children(node)
        self.scope.pop()
        if opens:
            self.outermost = None

    def _add(self, node: ast.AST, holder: Any, key: Any, kind: str, new: ast.AST) -> None:
        if not hasattr(new, "lineno"):  # else it stood there before
            ast.copy_location(new, node)
        ast.fix_missing_locations(new)
        at = node.ifs[0] if isinstance(node, ast.comprehension) else node
        line: int = at.lineno  # type: ignore[attr-defined]
        self.found.append(
            Mutant(
                self.module,
                line,
                kind,
                ".".join(self.scope),
                self.outermost,
                self.lines[line - 1].strip(),
                _shown(node),
                _shown(new),
                holder,
                key,
                new,
                1,
            )
        )
        first = self.found[-1].key
        self.seen[first] += 1
        self.found[-1] = self.found[-1]._replace(nth=self.seen[first])


def mutants(module: str, source: str) -> tuple[ast.Module, list[Mutant]]:
    """Every mutant of a module; each changes the one tree that all of them share."""
    tree = ast.parse(source)
    return tree, Walk(module, tree, source.splitlines()).found


def _looked_at(node: ast.AST) -> Iterator[str]:
    for name in node._fields:
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        if name == "args" and isinstance(node, Function):
            continue  # by `_scope`
        yield name


def _guard(node: ast.AST) -> bool:
    """Whether it guards against the programmer, or is read by type checkers alone."""
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Call(func=ast.Name(id="isinstance" | "TypeVar" | "cast")):
            return True
        case ast.Call(func=ast.Name(id="assert_never")):
            return True
        case ast.keyword(arg="strict"):
            return True
        case ast.Assign(value=ast.BinOp(op=ast.BitOr(), right=ast.Name() | ast.Attribute())):
            return True  # a name for one type or another
    return False


def replaced(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may stand in place of a piece of the tree, with the kind of fault that is."""
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                for turned in COMPARISONS[type(op)]:
                    changed = [*ops]
                    changed[at] = turned()
                    yield "comparison", ast.Compare(node.left, changed, node.comparators)
        case ast.BinOp(op=op) if type(op) in OPERATORS and not _of_text(node):
            yield "arithmetic", ast.BinOp(node.left, OPERATORS[type(op)](), node.right)
        case ast.AugAssign(op=op) if type(op) in OPERATORS and not _of_text(node):
            yield "arithmetic", ast.AugAssign(node.target, OPERATORS[type(op)](), node.value)
        case ast.UnaryOp(op=ast.USub()):
            yield "arithmetic", node.operand
        case ast.UnaryOp(op=ast.Not()):
            yield "logic", node.operand
        case ast.BoolOp(op=op):
            yield (
                "logic",
                ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values),
            )
        case ast.Constant(value=bool() as value):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield "constant", ast.Constant(value + 1)
            yield "constant", ast.Constant(value - 1)
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield "flow", ast.Return(ast.Constant(None))
        case ast.Continue():
            yield "flow", ast.Break()
        case ast.Break():
            yield "flow", ast.Continue()
        case ast.Raise() | ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            yield "flow", ast.Pass()
        case ast.Slice():
            yield from _slices(node)
        case ast.Call(func=ast.Name(id=name), args=[only]) if name in PLAIN and not node.keywords:
            yield "call", only if PLAIN[name] == "+" else _called(PLAIN[name], only)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in NAMES:
            changed = copy.copy(node)
            setattr(changed, "id" if isinstance(node, ast.Name) else "attr", NAMES[name])
            yield "arithmetic" if name in ("numerator", "denominator") else "call", changed
    if isinstance(node, Test) and _plain(node.test):
        changed = copy.copy(node)
        changed.test = ast.UnaryOp(ast.Not(), node.test)
        yield "logic", changed
    if isinstance(node, ast.comprehension):
        for at, test in enumerate(node.ifs):
            if _plain(test):
                changed = copy.copy(node)
                changed.ifs = [*node.ifs]
                changed.ifs[at] = ast.UnaryOp(ast.Not(), test)
                yield "logic", changed


def _slices(node: ast.Slice) -> Iterator[tuple[str, ast.AST]]:
    for name in ("lower", "upper"):
        end = getattr(node, name)
        if end is not None:
            dropped, moved = copy.copy(node), copy.copy(node)
            setattr(dropped, name, None)
            yield "slice", dropped
            if not isinstance(end, ast.Constant):
                setattr(moved, name, ast.BinOp(end, ast.Add(), ast.Constant(1)))
                yield "slice", moved


def _called(name: str, only: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [only], [])


def _of_text(node: ast.BinOp | ast.AugAssign) -> bool:
    sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
    return any(
        isinstance(each, ast.JoinedStr)
        or (isinstance(each, ast.Constant) and isinstance(each.value, str))
        for each in sides
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _plain(test: ast.expr) -> bool:
    """Whether no other fault turns the condition round."""
    turned = isinstance(test, ast.Compare) and len(test.ops) == 1
    return not turned and not isinstance(test, ast.Constant) and not _negated(test)


def _negated(test: ast.expr) -> bool:
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        return f"{'if' if isinstance(node, ast.If) else 'while'} {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())
