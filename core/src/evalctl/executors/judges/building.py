"""Programs in other languages than Python: built once, then run and judged like scripts."""

from __future__ import annotations

from evalctl.executions import Ended, ExecutionRequest, ExecutionResult, Launch, Reason, Sandbox
from evalctl.executors.judges.verdicts import make_result
from evalctl.executors.languages import BUILD_LIMITS, BUILT, LANGUAGES, Language, is_installed


def unsupported(request: ExecutionRequest) -> str:
    """Return why a request in its language cannot be carried out; empty where it can."""
    language = LANGUAGES.get(request.language)
    if language is None:
        return f"no such language: {request.language} (python, {', '.join(LANGUAGES)})"
    if request.language not in request.profile.languages:
        return f"the executor's profile does not hold the language {request.language}"
    if not is_installed(language):
        return f"missing program: {language.needs}, for {request.language}"
    tests = request.tests
    if tests is not None and not tests.stdio:
        return f"programs in {request.language} are judged by what they print alone"
    return ""


def build(request: ExecutionRequest, sandbox: Sandbox) -> bytes | ExecutionResult:
    """Return what is to be run, or the result of a program that cannot be built."""
    language = LANGUAGES[request.language]
    source = request.program.encode("utf-8", "surrogatepass")
    if not language.build:
        return source
    ended = sandbox.run(
        Launch(
            runner="build",
            job={"command": list(language.build), "made": BUILT},
            files={language.source: source},
            limits=BUILD_LIMITS,
        )
    )
    if ended.reason is Reason.OK:
        return ended.report
    counts = (0, len(request.tests.stdio) if request.tests else 0)
    return make_result(
        sandbox,
        [ended],
        reason=_reason(ended),
        counts=counts,
        error=ended.stderr.decode(errors="replace").strip()[:500],
        integrity="io" if request.tests else None,
    )


def launch(request: ExecutionRequest, built: bytes, stdin: str) -> Launch:
    """Return one run of what was built."""
    language = LANGUAGES[request.language]
    return Launch(
        runner="command",
        argv=language.run,
        files={_name(language): built},
        stdin=stdin.encode("utf-8", "surrogatepass"),
        limits=language.limits(request.limits),
    )


def _name(language: Language) -> str:
    return BUILT if language.build else language.source


def _reason(ended: Ended) -> Reason:
    return Reason.COMPILE_ERROR if ended.reason is Reason.NONZERO_EXIT else ended.reason
