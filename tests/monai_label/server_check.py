"""`make monai-label-test`: the packaged bundle in a real MONAI Label server, compared with the command line.

python -m tests.monai_label.server_check --environment .venv-monailabel [--weights output/model.pt --frames FOLDER]
"""

from __future__ import annotations

import io
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import fire
import numpy as np
from PIL import Image
from rich.console import Console

from custom.data.dicom_writer import write_xa_cine
from tests.monai_label.command_line import MODEL, assert_found_alike, enlarged, infer_on_command_line, unpack_bundle
from tests.monai_label.server import MonaiLabelServer, serving
from tests.tiny_data import write_tiny_data
from tests.tiny_weights import write_tiny_weights

CINE_FRAMES = 3
TRAINED_IMAGES = 8


class ServerCheck:
    """Holds what a server replies against what `catheter infer` writes for the same file and weights.

    Args:
        server: serves the bundle.
        bundle: the folder that it serves.
    """

    def __init__(self, server: MonaiLabelServer, bundle: Path) -> None:
        self.server, self.bundle = server, bundle
        self.console = Console(highlight=False, soft_wrap=True)

    def options_are_offered(self) -> None:
        """What `displayable_configs` names is offered to the user, with its default."""
        model = self.server.info()["models"][MODEL]
        offered = {name: model["config"][name] for name in ("mask_threshold", "minimum_score")}
        assert offered == {"mask_threshold": 0.4, "minimum_score": 0.35}, offered
        assert model["type"] == "segmentation", model
        assert model["labels"] == {"catheter": 1}, model
        self._passed(f"the model offers {offered}")

    def replies_alike(self, image: Path, *, frame: int | None = None, **settings: float) -> dict[str, int]:
        """The mask is the same pixel for pixel, electrodes and catheters are the same; counts what was found."""
        mask, expected = infer_on_command_line(image, self._weights(), frame=frame or 0, **settings)
        params = settings | ({} if frame is None else {"frame": frame}) | {"result_extension": ".png"}
        reply = self.server.infer(image, "image", **params)
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(reply.content))), mask)
        found = self.server.infer(image, "json", **params).json()
        assert_found_alike(found, expected)
        counts = f"{len(found['electrodes'])} electrodes, {len(found['catheters'])} catheters"
        name = image.name if frame is None else f"{image.name} frame {frame}"
        self._passed(f"{name}{_options(settings)}: {mask.mean():.1%} marked, {counts}, as on the command line")
        return {"pixels": int(mask.sum()), "electrodes": len(found["electrodes"])}

    def options_take_effect(self, image: Path) -> None:
        """Higher limits mark fewer pixels and electrodes, in the request that sets them alone."""
        default = self.replies_alike(image)
        lenient = self.replies_alike(image, mask_threshold=0.1, minimum_score=0.05)
        strict = self.replies_alike(image, mask_threshold=0.9, minimum_score=0.95)
        for kind in ("pixels", "electrodes"):
            assert lenient[kind] > strict[kind], (kind, lenient, strict)
            assert lenient[kind] >= default[kind] >= strict[kind], (kind, lenient, default, strict)
        assert self.replies_alike(image) == default
        self._passed("the options take effect, each in its own request")

    def trains_on_masks(self, images: list[Path], masks: list[Path], epochs: int) -> None:
        """Training on saved masks replaces the weights, and the next inference uses the new ones."""
        before = self._weights().read_bytes()
        for image, mask in zip(images, masks, strict=True):
            self.server.save_label(image.stem, mask)
        task = self.server.train(max_epochs=epochs, val_split=0.25)
        assert task["status"] == "DONE", self.server.log_tail()
        assert self._weights().read_bytes() != before, "training left the weights as they were"
        self._passed(f"{epochs} epochs on {len(masks)} masks: {task['status']}, new weights")
        self.replies_alike(images[0])

    def _weights(self) -> Path:
        return self.bundle / "models" / "model.pt"

    def _passed(self, what: str) -> None:
        self.console.print(f"[green]✓[/green] {what}")


def check_server(environment: str, weights: str | None = None, frames: str | None = None, epochs: int = 2) -> None:
    """Package the bundle, serve it, and check inference, options and training.

    Args:
        environment: the virtual environment that MONAI Label is installed in.
        weights: of the lite network; made up where they are not given.
        frames: a folder of PNG images to infer; made up where it is not given.
        epochs: how long to train.
    """
    logging.disable(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped, too
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = write_tiny_data(folder / "data", cases=TRAINED_IMAGES // 2).parent
        used = Path(weights) if weights else write_tiny_weights(folder / "tiny.pt")
        app, bundle = _prepare_app(folder, Path(environment).absolute(), used)
        studies = shutil.copytree(data / "images", folder / "studies")
        images = sorted(studies.glob("*.png"))
        shown = sorted(Path(frames).glob("*.png")) if frames else [enlarged(path, folder) for path in images[:2]]
        cine = _write_cine(folder / "cine.dcm", images[:CINE_FRAMES])
        single = _write_cine(folder / "single.dcm", shown[:1])
        with serving(Path(environment).absolute(), app, studies, MODEL) as server:
            check = ServerCheck(server, bundle)
            check.options_are_offered()
            for image in shown:
                check.replies_alike(image)
            check.replies_alike(single)
            check.replies_alike(cine, frame=1)
            check.options_take_effect(shown[0])
            check.trains_on_masks(images, [data / "masks" / path.name for path in images], epochs)
    Console().print("MONAI Label serves and trains the bundle; the server is stopped.")


def _prepare_app(folder: Path, environment: Path, weights: Path) -> tuple[Path, Path]:
    """Put the packaged bundle into a copy of MONAI Label's app; return the app and the bundle."""
    python = environment / "bin" / "python"
    download = ["apps", "--download", "--name", "monaibundle", "--output", str(folder / "apps")]
    subprocess.run([python, "-m", "monailabel.main", *download], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    app = folder / "apps" / "monaibundle"
    (app / "model").mkdir()
    return app, unpack_bundle(weights, app / "model")


def _write_cine(path: Path, images: list[Path]) -> Path:
    write_xa_cine(
        path,
        np.stack([np.asarray(Image.open(image).convert("L")) for image in images]),
        frame_time_ms=66.7,
        imager_pixel_spacing_mm=(0.3, 0.3),
        sid_mm=1000.0,
        sod_mm=750.0,
        primary_angle_deg=0.0,
        secondary_angle_deg=0.0,
    )
    return path


def _options(settings: dict[str, float]) -> str:
    return "".join(f", {name} {value}" for name, value in settings.items())


if __name__ == "__main__":
    fire.Fire(check_server)
