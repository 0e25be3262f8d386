"""Starts MiniStack 1.5.33 with what it gets wrong put right. Each patch names the gap, and fails by name where it no longer fits."""

import inspect
import os
import threading
import time
import urllib.request

from ministack.app import main
from ministack.core import lambda_runtime
from ministack.services import alb, cognito, ecs, efs, lambda_svc


def expect(holds, what):
    if not holds:
        raise SystemExit(f"start-ministack.py: {what} is not as in 1.5.33: look whether this patch is still needed")


# The error of a Node function loses its name, which Retry and Catch of state machines match.
thrown = 'status: "error", error: String(err.message || err),'
expect(thrown in lambda_runtime._NODEJS_WORKER_SCRIPT, "the script of Node functions")
lambda_runtime._NODEJS_WORKER_SCRIPT = lambda_runtime._NODEJS_WORKER_SCRIPT.replace(
    thrown, 'status: "error", name: String(err.name || "Error"), error: String(err.message || err),'
)
last = threading.local()
invoke_worker = lambda_runtime.Worker.invoke
execute_warm = lambda_svc._execute_function_warm


def invoke(self, *given, **named):
    answer = invoke_worker(self, *given, **named)
    last.name = answer.get("name")
    return answer


def execute(func, event, request_id):
    last.name = None
    result = execute_warm(func, event, request_id)
    if last.name and result.get("error") and result["body"].get("errorType") == "Runtime.HandlerError":
        result["body"]["errorType"] = last.name
    return result


lambda_runtime.Worker.invoke = invoke
lambda_svc._execute_function_warm = execute

# Tasks get their credentials from a name that SDKs do not accept: they take the address that ECS uses, and few others.
register = ecs._register_metadata
expect(list(inspect.signature(register).parameters)[-1] == "ministack_net_ip", "the environment of tasks")
ecs._register_metadata = lambda *given: register(*given[:-1], os.environ["BIND_HOST"])

# Tasks do not mount file systems: each access point is a directory here.
binds_of = ecs._docker_binds_from_taskdef
expect("efsVolumeConfiguration" not in inspect.getsource(binds_of), "what tasks mount")


def directory_of(volume):
    point = volume["efsVolumeConfiguration"]["authorizationConfig"]["accessPointId"]
    root = efs._access_points[point]["RootDirectory"]["Path"]
    directory = f"{os.environ['TMPDIR']}/files/{volume['efsVolumeConfiguration']['fileSystemId']}{root}"
    os.makedirs(directory, exist_ok=True)
    return directory


def binds(definition, container):
    volumes = [
        {"name": volume["name"], "host": {"sourcePath": directory_of(volume)}} if "efsVolumeConfiguration" in volume else volume
        for volume in definition.get("volumes", [])
    ]
    return binds_of({**definition, "volumes": volumes}, container)


ecs._docker_binds_from_taskdef = binds

# Containers of a task have an address each, and the task has that of the first. Visitors reach none of those with the lease.
record = ecs._record_task_ip
expect(list(inspect.signature(record).parameters) == ["task", "container", "ecs_network"], "the address of tasks")


def record_address(task, container, network):
    if not container.name.endswith(("-data_lease", "-data_keeper")):
        record(task, container, network)


ecs._record_task_ip = record_address

# Its load balancer asks targets at once, healthy or not. Here the next router answers its health check before it has a share.
set_targets = alb.set_targets_for_group
expect(list(inspect.signature(set_targets).parameters) == ["tg_arn", "targets", "previous_ids"], "what registers targets")
healthy = set()


def is_healthy(target):
    try:
        with urllib.request.urlopen("http://%s:%s/healthz" % target, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def set_healthy_targets(group, targets, previous=()):
    for target in targets:
        deadline = time.monotonic() + 60
        while target not in healthy and time.monotonic() < deadline:
            if is_healthy(target):
                healthy.add(target)
            else:
                time.sleep(0.2)
    healthy.intersection_update(targets)
    return set_targets(group, targets, previous)


alb.set_targets_for_group = set_healthy_targets

# Ten times a second, and twice each time, it asks the engine for each container of each task.
watch = inspect.getsource(ecs._watch_task_lifecycle)
expect("time.sleep(0.1)" in watch, "how often tasks are looked at")
exec(watch.replace("time.sleep(0.1)", "time.sleep(1)"), vars(ecs))

# The tests turn the clock of functions. The tokens of operators go by it, or they would have expired.
class TurnedTime:
    def __getattr__(self, name):
        return getattr(time, name)

    def time(self):
        try:
            with open(os.environ["SITEWRIGHT_MINISTACK_CLOCK"]) as file:
                return time.time() + int(file.read()) / 1000
        except FileNotFoundError:
            return time.time()


expect(cognito.time is time, "the time of tokens")
cognito.time = TurnedTime()

if __name__ == "__main__":
    main()
