"""A device that lies in the CPU's memory, but whose tensors do not mix with the CPU's own.

What forgets to bring a tensor to its device, or back, fails here as it would on CUDA: `python -m tests.far_device infer
frame.png --device far` is `catheter infer frame.png --device far` on a machine that has such a device.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

FAR = "far"
CROSSING = ("aten::_to_copy", "aten::copy_")


class FarTensor(torch.Tensor):
    """A tensor on the far device; `near` has its values."""

    near: torch.Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, near: torch.Tensor) -> FarTensor:
        far = torch.Tensor._make_wrapper_subclass(
            cls,
            near.size(),
            strides=near.stride(),
            storage_offset=near.storage_offset(),
            dtype=near.dtype,
            device=f"{FAR}:0",
        )
        far.near = near
        return far

    @classmethod
    def __torch_dispatch__(cls, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return run_operation(operation, *args, **(kwargs or {}))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.near.__reduce_ex__(protocol)  # in a file a tensor is as it is from any other device

    def tolist(self) -> list[Any]:
        return self.near.tolist()

    def numpy(self, **_: Any) -> None:
        raise TypeError(f"can't convert {FAR} device type tensor to numpy")

    def as_subclass(self, _: type[torch.Tensor]) -> torch.Tensor:
        return self  # MONAI's metadata stays behind

    def new_tensor(self, data: Any, **options: Any) -> torch.Tensor:
        return torch.tensor(data, **{"dtype": self.dtype, "device": self.device, **options})


def run_operation(operation: Any, *args: Any, **kwargs: Any) -> Any:
    """Run one of PyTorch's operations on the values, where all its tensors are on one device."""
    name = operation._schema.name
    given = [value for value in tree_leaves((args, kwargs)) if isinstance(value, torch.Tensor)]
    far = any(isinstance(tensor, FarTensor) for tensor in given)
    if far and name not in CROSSING:
        _check_on_one_device(name, args, given)
    if kwargs.get("device") is not None:
        far = kwargs["device"].type == FAR
        kwargs["device"] = torch.device("cpu")
    elif name == "aten::copy_":
        far = isinstance(args[0], FarTensor)
    kwargs.pop("pin_memory", None)
    known = {id(_near(tensor)): tensor for tensor in given}  # what works in place gives back what it was given
    found = operation(*tree_map(_near, args), **tree_map(_near, kwargs))
    return tree_map(lambda value: known.get(id(value)) if id(value) in known else _placed(value, far), found)


def _near(value: Any) -> Any:
    return value.near if isinstance(value, FarTensor) else value


def _placed(value: Any, far: bool) -> Any:
    return FarTensor(value) if far and isinstance(value, torch.Tensor) else value


def _check_on_one_device(name: str, args: Any, given: list[torch.Tensor]) -> None:
    """Single numbers, and indices into what is far, may be the CPU's, as on CUDA."""
    if name.startswith("aten::index") and isinstance(args[0], FarTensor) and isinstance(args[1], list | tuple):
        given = [tensor for tensor in given if not any(tensor is index for index in args[1])]
    if any(not isinstance(tensor, FarTensor) and tensor.dim() > 0 for tensor in given):
        raise RuntimeError(f"expected all tensors to be on the same device: {name}")


def _on_cpu_first(make: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """PyTorch cannot bring Python's numbers to a device that is written in Python."""

    def made(data: Any, *, device: Any = None, **options: Any) -> torch.Tensor:
        return make(data, **options) if device is None else make(data, **options).to(device)

    return made


def register() -> torch.library.Library:
    """Make the device known as `far`, as long as what is returned lives."""
    _setup_privateuseone_for_python_backend(FAR)
    library = torch.library.Library("_", "IMPL")
    library.fallback(run_operation, "PrivateUse1")
    torch.tensor, torch.as_tensor = _on_cpu_first(torch.tensor), _on_cpu_first(torch.as_tensor)
    torch.__future__.set_swap_module_params_on_conversion(True)  # optimizers keep their parameters
    return library


if __name__ == "__main__":
    import custom.transforms  # what it imports compiles `torch.tensor`
    import custom.workflow
    from scripts.main import main

    registered = register()
    custom.workflow.check_device = lambda device: None  # it knows the CPU and CUDA
    sys.argv[0] = "catheter"
    main()
