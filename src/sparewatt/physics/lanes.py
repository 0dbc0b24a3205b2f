"""Lanes: sixteen snapshots side by side, in vectors of the processor, for kernels.

Numba leaves it to LLVM to find vectors in loops, which it cannot where arrays may overlap. A kernel that
works on lanes says what it means: ``load_lanes`` reads sixteen neighbouring float64, ``+ - * /`` work on
all of them (with a number as well), ``store_lanes`` writes them. A product and a sum may become one fused
multiply-add; NaN and infinity are kept, so a lane that diverges spoils no other.

Plain meaning: ``load_lanes(a, k)`` is ``a[16*k : 16*k + 16].copy()``, ``store_lanes(a, k, v)`` is
``a[16*k : 16*k + 16] = v``, ``read_lanes(a, i)`` is ``a[i : i + 16].copy()``, ``write_lanes(a, i, v)`` is
``a[i : i + 16] = v``; the rest as in numpy.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from llvmlite import ir  # type: ignore[import-untyped]  # numba's own compiler, without type hints
from numba import types
from numba.extending import intrinsic, models, overload, register_model

if TYPE_CHECKING:
    from collections.abc import Callable

# All of this is compiled into kernels. The stamp of their kept form takes in the files that hold the words
# "from sparewatt.kernel import kernel", so this one too.

LANES = 16
"""Snapshots side by side: two of the widest vectors, which share what a slot costs besides arithmetic."""
Lanes = Any
"""So many numbers, in the hints of kernels."""

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_FUSED = ("contract",)
_WORD_BYTES = 8


class LanesType(types.Type):
    """Numba's type of so many float64 side by side."""

    def __init__(self) -> None:
        super().__init__(name=f"Lanes{LANES}")


LANES_TYPE = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    """Held in registers, or one after the other in memory."""

    def __init__(self, manager: Any, kind: LanesType) -> None:  # noqa: ANN401 - numba's own
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]


def _spread(builder: Any, number: Any) -> Any:  # noqa: ANN401 - values of the compiler
    """One number in all lanes."""
    empty = ir.Constant(_VECTOR, ir.Undefined)
    one = builder.insert_element(empty, number, ir.IntType(32)(0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, empty, mask)


def _make_memory_access(*, write: bool, stride: int) -> Any:  # noqa: ANN401 - an intrinsic
    """Read or write `LANES` numbers from ``stride * index`` on of a contiguous float64 array."""

    def reach(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        index = context.cast(builder, args[1], signature.args[1], types.intp)
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        first = builder.gep(data, [builder.mul(index, index.type(stride))])
        return builder.bitcast(first, _VECTOR.as_pointer())

    def fits(array: Any, index: Any) -> bool:  # noqa: ANN401
        flat = isinstance(array, types.Array) and array.dtype == types.float64 and array.layout == "C"
        return flat and isinstance(index, types.Integer)

    def read(_: Any, array: Any, index: Any) -> Any:  # noqa: ANN401
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
            return builder.load(reach(context, builder, signature, args), align=_WORD_BYTES)

        return (LANES_TYPE(array, index), generate) if fits(array, index) else None

    def store(_: Any, array: Any, index: Any, lanes: Any) -> Any:  # noqa: ANN401
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
            builder.store(args[2], reach(context, builder, signature, args), align=_WORD_BYTES)
            return context.get_dummy_value()

        return (types.void(array, index, lanes), generate) if fits(array, index) else None

    return intrinsic(store if write else read)


def _make_operation(build: Callable[..., Any], arguments: int) -> Any:  # noqa: ANN401 - an intrinsic
    """Make one instruction on lanes; numbers among the arguments are spread over all lanes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        sides = [
            v if k == LANES_TYPE else _spread(builder, context.cast(builder, v, k, types.float64))
            for k, v in zip(signature.args, args, strict=True)
        ]
        return build(builder, *sides)

    def one(_: Any, a: Any) -> Any:  # noqa: ANN401
        return LANES_TYPE(a), generate

    def two(_: Any, a: Any, b: Any) -> Any:  # noqa: ANN401
        return LANES_TYPE(a, b), generate

    return intrinsic(one if arguments == 1 else two)


def _root(builder: Any, a: Any) -> Any:  # noqa: ANN401 - values of the compiler
    name, module = f"llvm.sqrt.v{LANES}f64", builder.module
    root = module.globals.get(name) or ir.Function(module, ir.FunctionType(_VECTOR, [_VECTOR]), name)
    return builder.call(root, [a])


def _above(builder: Any, a: Any, b: Any) -> Any:  # noqa: ANN401 - values of the compiler
    return builder.uitofp(builder.fcmp_ordered(">", a, b), _VECTOR)


def _greater(builder: Any, a: Any, b: Any) -> Any:  # noqa: ANN401 - values of the compiler
    return builder.select(builder.fcmp_unordered(">", a, b), a, b)


def _smaller(builder: Any, a: Any, b: Any) -> Any:  # noqa: ANN401 - values of the compiler
    return builder.select(builder.fcmp_unordered("<", a, b), a, b)


load_lanes = _make_memory_access(write=False, stride=LANES)
store_lanes = _make_memory_access(write=True, stride=LANES)
read_lanes = _make_memory_access(write=False, stride=1)
write_lanes = _make_memory_access(write=True, stride=1)
spread_lanes = _make_operation(lambda _builder, a: a, 1)
root_lanes = _make_operation(_root, 1)
above_lanes = _make_operation(_above, 2)  # 1 where a > b, else 0
greater_lanes = _make_operation(_greater, 2)  # a where it is NaN
smaller_lanes = _make_operation(_smaller, 2)  # a where it is NaN


def _give_operator(symbol: Callable[..., Any], instruction: str) -> None:
    """Let lanes stand on either side of an operator, with lanes or a number on the other."""
    operate = _make_operation(lambda builder, a, b: getattr(builder, instruction)(a, b, flags=_FUSED), 2)

    def plain(a: Any, b: Any) -> Any:  # noqa: ANN401 - lanes
        return operate(a, b)

    def choose(a: Any, b: Any) -> Callable[..., Any] | None:  # noqa: ANN401 - numba's own
        known = all(isinstance(k, types.Number | LanesType) for k in (a, b))
        return plain if known and LANES_TYPE in {a, b} else None

    overload(symbol, strict=False)(choose)


_give_operator(operator.add, "fadd")
_give_operator(operator.sub, "fsub")
_give_operator(operator.mul, "fmul")
_give_operator(operator.truediv, "fdiv")
