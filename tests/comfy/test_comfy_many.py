"""Many jobs on several servers, some of which go away or cannot do them."""

# ruff: noqa: F811 (fixtures are imported, and arguments bear their names)

import time

import pytest
from comfy_help import QUICK, background, client, flow, nothing_is_left, photo, server, wait  # noqa: F401
from comfy_server import ComfyServer
from faulty_http import Fault

from cielr.comfy import ComfyClient, Job, ServerLacks, ServerUnreachable, run_many
from cielr.errors import ComfyError


@pytest.fixture
def pair():
    with ComfyServer() as one, ComfyServer() as two:
        clients = [ComfyClient(one.url, limits=QUICK), ComfyClient(two.url, limits=QUICK)]
        yield (one, two), clients
        for client in clients:
            client.close()


def jobs(count):
    return [Job(flow(), instruction=f"job {number}") for number in range(count)]


def test_servers_share_the_jobs(pair):
    (one, two), clients = pair
    one.seconds = two.seconds = 0.05
    wanted = jobs(6)
    done = list(run_many(wanted, clients))
    assert sorted(map(id, wanted)) == sorted(id(each.job) for each in done)
    assert all(each.result for each in done)
    assert len(one.prompts) >= 2
    assert len(two.prompts) >= 2
    assert len(one.prompts) + len(two.prompts) == 6


def test_the_work_of_a_server_that_goes_away_is_done_by_the_other(pair):
    (one, two), clients = pair
    one.silent = {"1"}
    with background(lambda: list(run_many(jobs(4), clients))) as found:
        wait(lambda: one.busy)
        one.close()
    done = found[0]
    assert {each.result.server for each in done} == {two.url}
    assert sorted(body["prompt"]["3"]["inputs"]["instruction"] for body in two.prompts) == [
        f"job {n}" for n in range(4)
    ]


def test_a_server_that_is_away_is_asked_once(pair):
    (one, two), clients = pair
    one.close()
    two.seconds = 0.05
    told = []
    done = list(run_many(jobs(4), clients, on_passed_on=lambda job, why: told.append(why)))
    assert {each.result.server for each in done} == {two.url}
    (why,) = told
    assert isinstance(why, ServerUnreachable)
    assert one.url in str(why)


def test_a_job_that_two_servers_go_away_under_is_not_given_to_a_third():
    servers = [ComfyServer() for _ in range(3)]
    clients = [ComfyClient(one.url, limits=QUICK) for one in servers]
    for one in servers:
        one.faults.append(Fault("POST /prompt", 0, times=99))
    (done,) = run_many(jobs(1), clients)
    assert isinstance(done.error, ServerUnreachable)
    assert sorted(one.count("POST /prompt") for one in servers) == [0, 3, 3]
    for one in (*clients, *servers):
        one.close()


def test_a_server_that_lacks_something_leaves_it_to_the_other(pair):
    (one, two), clients = pair
    del one.nodes["CIELR_Reason"]
    done = list(run_many(jobs(3), clients))
    assert {each.result.server for each in done} == {two.url}
    del two.nodes["CIELR_Reason"]
    done = list(run_many(jobs(3), clients))
    assert all(isinstance(each.error, ServerLacks) for each in done)
    assert len(done) == 3


def test_a_job_that_fails_does_not_stop_the_others(pair):
    _, clients = pair
    bad = Job(flow(), settings={"5.seed": "x"})
    done = list(run_many([*jobs(2), bad, *jobs(2)], clients))
    assert [each.job for each in done if each.error] == [bad]
    assert len(done) == 5


def test_without_any_server_every_job_is_told(pair):
    (one, two), clients = pair
    one.close()
    two.close()
    done = list(run_many(jobs(3), clients))
    assert len(done) == 3
    assert all(isinstance(each.error, ServerUnreachable) for each in done)


def test_who_stops_listening_cancels_what_runs(pair):
    (one, two), clients = pair
    two.silent = {"1"}
    for done in run_many(jobs(5), clients):
        assert done.result.server == one.url
        wait(lambda: two.busy)
        break
    assert set(two.interrupted) == {two.prompts[0]["prompt_id"]}
    wait(lambda: not two.busy)


def test_a_mistake_of_the_caller_comes_through(pair):
    _, clients = pair

    def tell(job, server, progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(run_many(jobs(3), clients, on_progress=tell))


def noted(wanted, taken):
    """The jobs one by one, each put on a list when it is asked for."""
    for job in wanted:
        taken.append(job)
        yield job


def test_jobs_are_taken_as_servers_are_free_for_them(pair):
    _, clients = pair
    taken = []
    most = ended = 0
    for _ in run_many(noted(jobs(20), taken), clients, each=2):
        ended += 1
        most = max(most, len(taken) - ended)
    assert ended == 20
    # four at work, and two more for each of them
    assert most <= 12


def test_who_listens_slowly_gets_no_heap_of_results(pair):
    _, clients = pair
    taken = []
    told = 0
    for _ in run_many(noted(jobs(20), taken), clients, each=2):
        told += 1
        # the servers have time for everything that they were given
        time.sleep(0.1)
        assert len(taken) - told <= 12
    assert told == 20


def test_nobody_to_run_on():
    with pytest.raises(ComfyError, match="no server"):
        next(run_many(jobs(1), []))
