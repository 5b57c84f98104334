"""The examination of a machine: every line says what is so, and what to do where it is not."""

import json
import sys
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path

import pytest
import typer
from faulty_http import Fault, Listening

from cielr.cli import doctor
from cielr.cli.terminal import FAILED
from cielr.core import packages

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def server(body: bytes, status: int = 200, **more):
    """A real HTTP server in Ollama's place."""
    with Listening() as made:
        made.faults.append(Fault("GET", status, body, **more))
        yield made.url, made.requests


@pytest.fixture
def comfyui(tmp_path, monkeypatch):
    """A folder that looks like ComfyUI's, and no other one to be found."""
    folder = tmp_path / "ComfyUI"
    (folder / "custom_nodes").mkdir(parents=True)
    for name in ("main.py", "nodes.py"):
        (folder / name).touch()
    (folder / "comfyui_version.py").write_text('__version__ = "0.3.70"\n')
    monkeypatch.setenv("COMFYUI_PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    return folder


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_every_line_is_told_of_this_machine(capsys):
    with suppress(typer.Exit):
        doctor.doctor(as_json=True)
    told = json.loads(capsys.readouterr().out)
    findings = doctor.examine()
    lines = by_name(findings)
    assert {"Python", "packages", "ComfyUI", "weights", "Ollama", "disk, here"} <= set(lines)
    assert set(packages.OPTIONAL) <= set(lines)
    assert lines["Python"].data["version"] == ".".join(map(str, sys.version_info[:3]))
    assert lines["packages"].data["numpy"] == metadata.version("numpy")
    with suppress(typer.Exit):
        doctor.doctor()
    text = capsys.readouterr().out
    for finding in findings:
        assert finding.name in text
        if finding.status != "ok":
            assert finding.text
    assert [one["name"] for one in told["findings"]] == [finding.name for finding in findings]
    assert told["usable"] == all(finding.status != "broken" for finding in findings)


def test_a_missing_package_says_what_to_type(monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    lines = by_name(doctor.examine())
    assert lines["scipy"].status == "broken"
    assert lines["scipy"].advice == "pip install scipy"
    assert lines["torch"].status == "absent"
    assert lines["torch"].advice == "pip install torch"


def test_a_torch_that_does_not_start_does_not_stop_the_examination(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda name: "9.9")
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it then raises
    (found,) = doctor._torch()
    assert found.status == "broken"
    assert "does not start" in found.text
    assert found.advice


def test_a_device_and_its_memory_are_told():
    class Cuda:
        is_available = staticmethod(lambda: True)
        mem_get_info = staticmethod(lambda: (5, 8))
        get_device_name = staticmethod(lambda: "GPU")

    class Torch:
        cuda = Cuda

    assert doctor._device(Torch) == ("GPU", {"free": 5, "total": 8})
    Cuda.mem_get_info = staticmethod(lambda: 1 / 0)
    assert doctor._device(Torch) == ("cpu", {})


def test_comfyui_is_found_with_its_version(comfyui):
    assert doctor.find_comfyui() == comfyui
    found = doctor._comfyui(comfyui)
    assert found.status == "ok"
    assert found.data["version"] == "0.3.70"
    assert "custom_nodes" in found.advice


def test_the_pack_in_comfyui_is_recognised_through_a_link(comfyui):
    link = comfyui / "custom_nodes" / "cielr"
    try:
        link.symlink_to(ROOT, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    assert doctor._comfyui(comfyui).data["pack"] == str(link)


def test_an_old_comfyui_is_told_to_be_updated(comfyui):
    (comfyui / "comfyui_version.py").write_text('__version__ = "0.3.9"\n')
    found = doctor._comfyui(comfyui)
    assert found.status == "broken"
    assert "0.3.64" in found.advice


def test_no_comfyui_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setenv("COMFYUI_PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert doctor.find_comfyui() is None
    assert doctor._comfyui(None).status == "absent"
    assert doctor._weights(None).status == "absent"


def test_weights_are_counted_by_folder(comfyui, tmp_path):
    other = tmp_path / "other"
    for path, size in (
        (comfyui / "models" / "checkpoints" / "deep" / "a.safetensors", 1000),
        (comfyui / "models" / "checkpoints" / "put_checkpoints_here", 0),
        (comfyui / "models" / "sams" / "b.pth", 10),
        (other / "models" / "checkpoints" / "c.ckpt", 500),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    assert doctor._weights(comfyui).data["folders"] == {
        "checkpoints": {"files": 1, "bytes": 1000},
        "sams": {"files": 1, "bytes": 10},
    }
    pytest.importorskip("yaml")
    (comfyui / "extra_model_paths.yaml").write_text(
        f"a111:\n    base_path: {other}\n    checkpoints: models/checkpoints\n"
    )
    assert doctor._weights(comfyui).data["folders"]["checkpoints"] == {"files": 2, "bytes": 1500}


def test_a_running_ollama_tells_its_models():
    with server(json.dumps({"models": [{"name": "qwen3:8b"}, {"name": "bad\x1b[31m"}]}).encode()) as (url, asked):
        found = doctor._ollama(url)
    assert found.status == "ok"
    assert found.data["models"] == ["qwen3:8b", "bad [31m"]
    assert [path for _, path, _ in asked] == ["/api/tags"]


def test_an_ollama_without_models_says_how_to_get_one():
    with server(b'{"models": []}') as (url, _):
        found = doctor._ollama(url)
    assert found.status == "absent"
    assert "ollama pull" in found.advice


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"models": 3}', b"\xff"])
def test_another_server_in_its_place_is_not_ollama(body):
    with server(body) as (url, _):
        assert doctor._ollama(url).status == "absent"


def test_no_redirection_leads_elsewhere():
    with server(b'{"models": [{"name": "x"}]}') as (elsewhere, asked):
        with server(b"", 302, headers={"Location": elsewhere + "/api/tags"}) as (url, _):
            assert doctor._ollama(url).status == "absent"
        assert asked == []


def test_a_silent_server_costs_a_second_at_most(monkeypatch):
    monkeypatch.setattr(doctor, "OLLAMA_SECONDS", 0.1)
    with server(b"", seconds=10) as (url, _):
        assert doctor._ollama(url).status == "absent"


def test_no_other_machine_is_asked(monkeypatch):
    monkeypatch.setattr("http.client.HTTPConnection", lambda host, **_: pytest.fail(f"asked {host}"))
    found = doctor._ollama("http://gpu.example.com:11434")
    assert found.status == "absent"
    assert "gpu.example.com" in found.text
    assert doctor._ollama("http://[bad").status == "broken"


def test_something_broken_is_said_at_the_end_and_is_a_failure(monkeypatch, capsys):
    findings = [doctor.Finding("X", "broken", "does not work", "Mend it."), doctor.Finding("Longer", "absent", "no")]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    with pytest.raises(typer.Exit) as ended:
        doctor.doctor()
    assert ended.value.exit_code == FAILED
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "!!  X       does not work",
        "            → Mend it.",
        "–   Longer  no",
        "",
        "Something is broken: see the lines marked !!.",
    ]
    del findings[0]
    doctor.doctor()
    assert "Everything that is needed works" in capsys.readouterr().out


def test_the_doctor_asks_for_the_versions_that_are_declared():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert dict(line.split(">=") for line in lines) == packages.NEEDED


def test_a_package_that_is_too_old_is_named_with_what_to_install(monkeypatch):
    real = doctor.installed
    monkeypatch.setattr(doctor, "installed", lambda name: "10.4.0" if name == "pillow" else real(name))
    (finding,) = [one for one in doctor._packages() if one.status == "broken"]
    assert (finding.name, finding.text) == ("pillow", "10.4.0 is too old")
    assert finding.advice == f'pip install "pillow>={packages.NEEDED["pillow"]}"'
