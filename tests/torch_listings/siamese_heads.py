from typing import Dict, List, Optional, Tuple, Union

import torch
from torch import Tensor, nn


class Registry(dict):
    pass


BACKBONES = {}


def register(name: str):
    def wrap(cls):
        BACKBONES[name] = cls
        return cls

    return wrap


class Base(nn.Module):
    out_dim: int = 8

    def __init__(self, in_channels: int = 1) -> None:
        nn.Module.__init__(self)
        self.stem = self.build_stem(in_channels)

    def build_stem(self, in_channels: int) -> nn.Module:
        raise NotImplementedError

    @property
    def width(self) -> int:
        return self.out_dim * 2

    def extra_repr(self):
        return f"width={self.width}"


@register("small")
class Small(Base):
    out_dim = 6

    def build_stem(self, in_channels):
        return nn.Sequential(
            nn.Conv2d(in_channels, self.width, 3, 2, bias=False),
            nn.PReLU(self.width),
            nn.AdaptiveMaxPool2d(2),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.stem(x).flatten(1)


class Siamese(nn.Module):
    def __init__(
        self,
        backbone: str = "small",
        heads: Optional[Dict[str, int]] = None,
        *,
        act: Union[str, None] = "relu",
    ):
        super().__init__()
        self.backbone = BACKBONES[backbone](1)
        heads = heads or {"same": 1, "kind": 3}
        self.heads = nn.ModuleDict({name: nn.Linear(self.backbone.width * 4, n) for name, n in heads.items()})
        self.act = getattr(torch, act) if act else None
        self.__dict__["cache"] = None

    def embed(self, x: Tensor) -> Tensor:
        z = self.backbone(x)
        return z if self.act is None else self.act(z)

    def forward(self, a: Tensor, b: Tensor) -> Dict[str, Tensor]:
        za, zb = self.embed(a), self.embed(b)
        d = torch.abs(za - zb)
        return {name: head(d) for name, head in self.heads.items()}


def make(**kw) -> Siamese:
    return Siamese(**kw)


net = make()
