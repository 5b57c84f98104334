"""Runs on a server that is badly reached, slow, gone, or told to stop."""

# ruff: noqa: F811 (fixtures are imported, and arguments bear their names)

import shutil
import ssl
import subprocess
import threading
import time
from contextlib import closing

import pytest
from comfy_help import QUICK, background, client, flow, nothing_is_left, photo, server, wait  # noqa: F401
from comfy_proxy import Proxy
from comfy_server import ComfyServer
from faulty_http import Fault
from patience import without_waiting

from cielr.comfy import ComfyClient, Limits, ServerUnreachable, TimedOut
from cielr.errors import Cancelled, ComfyError

# ------------------------------------------------------------------------------------------------------ bad connections


def test_a_dropped_socket_is_opened_again(client, server):
    server.seconds = 0.4
    told = []
    with background(lambda: client.run(flow(), on_progress=told.append)) as found:
        wait(lambda: server.busy and server.lines)
        server.drop_lines()
        wait(lambda: server.lines_opened == 2)
        seen = len(told)
    assert found[0].outputs[0].data == server.files[("6_00001_.png", "", "output")]
    assert any(one.stage == "running" for one in told[seen:]), "The second socket told nothing."


def test_without_a_socket_the_end_comes_by_asking(client, server):
    server.sockets = False
    assert client.run(flow()).outputs


def test_a_socket_that_is_gone_at_the_end_delays_little(client, server):
    server.seconds = 0.1
    # a limit of silence of 600 s would end it too, and as an error
    with without_waiting(60), background(lambda: client.run(flow())) as found:
        wait(lambda: server.busy and server.lines)
        server.sockets = False
        server.drop_lines()
    assert found[0].outputs


def test_the_history_may_come_later_than_the_news_of_the_end(client, server):
    server.late = 0.7
    assert client.run(flow()).outputs


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET /object_info", 500),
        Fault("POST /upload", 503),
        Fault("GET /history", 500, times=2),
        Fault("GET /history", 0, times=2),
        Fault("GET /view", 502),
        Fault("GET /view", cut=True),
        Fault("GET /view", 0),
        Fault("GET /view", seconds=0.5),
        Fault("GET /ws", 500),
        Fault("POST /prompt", 502),
    ],
    ids=lambda fault: f"{fault.fits} {fault.status} {'cut' if fault.cut else ''}",
)
def test_a_fault_that_passes_does_no_harm(client, server, photo, fault):
    server.faults.append(fault)
    result = client.run(flow(), photo)
    assert result.outputs[0].data == server.files[("6_00001_.png", "", "output")]
    assert len(server.prompts) == 1
    assert fault.times == 0


@pytest.mark.parametrize("status", [0, 504])
def test_a_prompt_whose_answer_is_lost_is_not_queued_twice(client, server, status):
    server.faults.append(Fault("POST /prompt", status, after=True))
    assert client.run(flow()).outputs
    assert len(server.prompts) == 1


def test_a_fault_that_stays_is_told(client, server, photo):
    server.faults.append(Fault("POST /upload", 500, "disk full", times=99))
    with pytest.raises(ServerUnreachable, match=r"answered 500 to /upload/image: disk full\."):
        client.run(flow(), photo)


def test_nobody_at_the_address():
    with ComfyServer() as gone:
        pass
    refused = pytest.raises(ServerUnreachable, match=r"No ComfyUI answers at .*refused.*is it running, and there")
    with closing(ComfyClient(gone.url, limits=Limits(connect=0.5))) as client, refused:
        client.run(flow())


def test_a_server_that_just_starts_is_waited_for():
    with ComfyServer() as first:
        pass
    with closing(ComfyClient(first.url, limits=Limits(connect=8))) as client:
        with background(lambda: client.run(flow())) as found:
            time.sleep(0.7)
            with ComfyServer(first.port) as server:
                wait(lambda: found, 10)
        assert found[0].outputs[0].data == server.files[("6_00001_.png", "", "output")]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("object_info", 200, "<html>", "text/html", times=9), "but not as a ComfyUI does; is the address right"),
        (Fault("object_info", 200, "[]", "application/json", times=9), "but not as a ComfyUI does"),
        (Fault("object_info", 404, times=9), "has nothing at /object_info/LoadImage .404.; is this the address"),
        (
            Fault("object_info", 302, headers={"Location": "https://u:pw@login/x?k=1"}),
            "sends .* on to https://login/x;",
        ),
        (Fault("POST /prompt", 200, "[]", "application/json"), "does not accept"),
        (Fault("POST /upload", 413, times=9), "takes no file that large"),
        (Fault("GET /view", 200, "<html>", "text/html", times=9), "gave a web page in the place of 6_00001_.png"),
        (Fault("GET /view", 404, times=9), "names the file 6_00001_.png, but has it no more"),
    ],
    ids=lambda value: f"{value.fits} {value.status}" if isinstance(value, Fault) else "",
)
def test_answers_that_no_comfyui_gives_are_told(client, server, photo, fault, sentence):
    server.faults.append(fault)
    with pytest.raises(ComfyError, match=sentence):
        client.run(flow(), photo)


def test_a_queue_of_another_shape_is_told(client, server):
    server.hold.clear()
    server.faults.append(Fault("GET /queue", 200, "{}", "application/json"))
    with pytest.raises(ComfyError, match="answers /queue, but not as a ComfyUI does"):
        client.run(flow())


def test_messages_of_any_shape_do_no_harm(client, server):
    server.seconds = 0.1
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.prompts and server.lines)
        (name, prompt_id) = next(iter(server.lines)), server.prompts[0]["prompt_id"]
        for kind in ("executing", "executed", "progress", "progress_state", "execution_cached", "what"):
            for data in (
                {},
                {"nodes": 1},
                {"nodes": {"1": 2}},
                {"node": [], "max": "x"},
                {"node": "99", "nodes": [[]]},
            ):
                server.say(name, kind, {**data, "prompt_id": prompt_id})
    assert found[0].outputs


def test_a_server_that_forgot_the_job_is_told(client, server):
    server.silent = {"1"}
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.busy)
        server.forget()
    assert isinstance(found[0], ServerUnreachable)
    assert "knows nothing more of the run of the workflow" in str(found[0])


def test_a_server_that_is_away_for_a_moment_is_waited_for(client, server):
    server.seconds = 0.4
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.busy)
        server.faults.append(Fault("GET /", 0, times=3))
        server.drop_lines()
    assert found[0].outputs


def test_a_server_that_stays_away_is_told(server):
    server.silent = {"5"}
    with Proxy(server.url) as proxy, closing(ComfyClient(proxy.url, limits=Limits(lost=0.6, connect=1))) as client:
        with background(lambda: client.run(flow())) as found:
            wait(lambda: server.busy)
            proxy.close()
        assert "went away during the run of the workflow and did not come back within 0.6 s" in str(found[0])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="There is no openssl to make a certificate with.")
def test_over_tls_request_and_websocket_trust_the_same_certificate(server, tmp_path, monkeypatch):
    words = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=x -addext"
    command = ["openssl", *words.split(), "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server._http.socket = context.wrap_socket(server._http.socket, server_side=True)
    url = server.url.replace("http", "https")
    with (
        closing(ComfyClient(url, limits=QUICK)) as client,
        pytest.raises(ComfyError, match=r"is not trusted .*SSL_CERT"),
    ):
        client.run(flow())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with closing(ComfyClient(url, limits=QUICK)) as client:
        assert client.run(flow()).outputs
        assert server.lines_opened == 1


# --------------------------------------------------------------------------------------------------- limits and cancels


def test_a_run_that_waits_too_long_is_taken_from_the_queue(server):
    server.hold.clear()
    limited = closing(ComfyClient(server.url, limits=Limits(total=0.5)))
    with limited as client, pytest.raises(TimedOut, match=r"not done within 0\.5 s and was cancelled"):
        client.run(flow())
    assert server.deleted == [server.prompts[0]["prompt_id"]]
    assert not server.busy


def test_a_run_without_a_sign_of_life_is_interrupted(server):
    server.silent = {"5"}
    limited = closing(ComfyClient(server.url, limits=Limits(idle=0.5)))
    sentence = r"no sign of life for 0\.5 s on .*, at 'Edit Executor', and was cancelled"
    with limited as client, pytest.raises(TimedOut, match=sentence):
        client.run(flow())
    assert set(server.interrupted) == {server.prompts[0]["prompt_id"]}
    wait(lambda: not server.busy)


def test_waiting_behind_others_is_no_silence(server):
    server.hold.clear()
    told = []
    with closing(ComfyClient(server.url, limits=Limits(idle=0.4))) as client:
        with background(lambda: client.run(flow(), on_progress=told.append)) as found:
            wait(lambda: server.prompts)
            time.sleep(1)
            server.hold.set()
        assert found[0].outputs


def test_an_answer_that_does_not_come_is_given_up(server):
    server.faults.append(Fault("object_info", seconds=5, times=9))
    limited = closing(ComfyClient(server.url, limits=Limits(connect=0.4, request=0.4)))
    sentence = r"gave no answer to /object_info/LoadImage in 0\.4 s"
    with limited as client, pytest.raises(ServerUnreachable, match=sentence):
        client.run(flow())


@pytest.mark.parametrize("limits", [{"idle": 0}, {"total": -1}, {"connect": float("nan")}])
def test_a_limit_is_a_number_above_zero(limits):
    with pytest.raises(ComfyError, match="is a number of seconds above 0"):
        Limits(**limits)


def test_stop_cancels_what_runs_and_nothing_else(client, server):
    server.silent = {"5"}
    stop = threading.Event()
    with background(lambda: client.run(flow(), stop=stop.is_set)) as found:
        wait(lambda: server.busy)
        stop.set()
    assert isinstance(found[0], Cancelled)
    assert set(server.interrupted) == {server.prompts[0]["prompt_id"]}
    wait(lambda: not server.busy)
    server.silent = set()
    assert client.run(flow()).outputs


def test_whatever_the_callback_raises_cancels_the_job_and_comes_through(client, server):
    server.seconds = 0.2

    def tell(progress):
        if progress.node == "Scene Parse":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.run(flow(), on_progress=tell)
    assert set(server.interrupted) == {server.prompts[0]["prompt_id"]}


def test_a_job_that_is_just_on_its_way_is_cancelled_too(client, server):
    server.hold.clear()
    server.faults.append(Fault("POST /prompt", 0, after=True))
    stop = threading.Event()
    with background(lambda: client.run(flow(), stop=stop.is_set)) as found:
        wait(lambda: server.prompts)
        stop.set()
    assert isinstance(found[0], Cancelled)
    assert server.deleted == [server.prompts[0]["prompt_id"]]
