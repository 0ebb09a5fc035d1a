"""Conversations of several turns, over an engine that knows single prompts alone.

A later turn is handed over as soon as its predecessor is answered, ahead of all conversations that
the engine has not taken yet: it stays busy, and no more conversations are open than it has taken.
An engine in a process of its own takes some dozens ahead (`host_feed.py`), whose first turns come
before. Where nothing is left to begin, the stream ends, and what was answered meanwhile goes on in
another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from evalctl.prompts import next_turn, sample_seed
from evalctl.records import Completion, FinishReason, Generation, Prompt
from evalctl.run.open_turns import Key, OpenTurns, Turn

Ask = Callable[[Iterable[Prompt]], Iterator[Generation]]
"""`Engine.generate`."""


@dataclass
class Conversations:
    """The conversations of one model that are under way.

    What was answered in them outlives an engine that dies, and where it is kept on disk the run: a
    conversation that is asked for again goes on where it was.
    """

    turns: OpenTurns = field(default_factory=OpenTurns)
    """Keeps what is answered."""
    _open: dict[Key, _Conversation] = field(default_factory=dict)
    _waiting: deque[_Request] = field(default_factory=deque)
    _sent: dict[Key, _Request] = field(default_factory=dict)
    _n_sent: int = 0

    def hold(self, ask: Ask, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield one generation for each prompt, of all its turns, in any order.

        Prompts of one turn go through as they are.

        Raises:
            EngineError: The engine cannot go on.
        """
        self._waiting.clear()
        left, is_taking = iter(prompts), True
        while is_taking:
            self._sent.clear()
            before = self._n_sent
            for generation in ask(self._requests(left)):
                yield from self._take(generation)
            is_taking = bool(self._waiting) and self._n_sent > before
        self._open.clear()

    def drop(self, key: Key) -> None:
        """Forget a conversation that is not asked for again."""
        self._open.pop(key, None)
        self.turns.end(key)

    def _requests(self, prompts: Iterator[Prompt]) -> Iterator[Prompt]:
        while True:
            if self._waiting:
                yield self._send(self._waiting.popleft())
            elif (prompt := next(prompts, None)) is None:
                return
            elif prompt.later_turns:
                self._waiting.extend(self._conversation(prompt).requests())
            else:
                yield prompt

    def _conversation(self, prompt: Prompt) -> _Conversation:
        """Return the conversation of a prompt as far as it came."""
        key = _key(prompt)
        if key not in self._open:
            self._open[key] = _Conversation(prompt)
            if not self._open[key].go_on(self.turns.of(key)):
                self.turns.end(key)
                self._open[key] = _Conversation(prompt)
        return self._open[key]

    def _send(self, request: _Request) -> Prompt:
        self._sent[_key(request.prompt)] = request
        self._n_sent += 1
        return request.prompt

    def _take(self, generation: Generation) -> Iterator[Generation]:
        """Yield what is complete with an answer."""
        key = generation.dataset, generation.sample_id
        if (request := self._sent.pop(key, None)) is None:
            if key not in self._open:
                yield generation
            return
        conversation = request.conversation
        if conversation.is_over:  # another of its branches failed
            return
        self._waiting.extend(conversation.take(request, generation))
        if conversation.is_over:
            self._open.pop(_key(conversation.prompt), None)
            left = (one for one in self._waiting if one.conversation is not conversation)
            self._waiting = deque(left)
            yield conversation.outcome()
        else:
            self.turns.keep(_key(conversation.prompt), request.number, request.prompt, generation)


@dataclass(frozen=True)
class _Request:
    """One turn on its way."""

    conversation: _Conversation
    branch: _Branch | None
    """Whose turn it is; None for the first, of which all branches come."""
    prompt: Prompt

    @property
    def number(self) -> int | None:
        """The branch's number."""
        return None if self.branch is None else self.branch.number


@dataclass(eq=False)
class _Branch:
    """One completion: what was replied to its turns so far."""

    number: int
    replies: list[Completion]

    def completion(self) -> Completion:
        """Return all turns as one completion."""
        earlier, last = self.replies[:-1], self.replies[-1]
        thoughts = [one.reasoning for one in self.replies if one.reasoning]
        is_counted = all(map(_is_counted, self.replies))
        return Completion(
            text=last.text,
            earlier=tuple(one.text for one in earlier),
            reasoning="\n\n".join(thoughts),
            finish_reason=_worst(self.replies),
            output_tokens=sum(one.output_tokens for one in self.replies) if is_counted else 0,
        )


@dataclass(eq=False)
class _Conversation:
    """All completions of one prompt."""

    prompt: Prompt
    branches: list[_Branch] = field(default_factory=list)
    error: str | None = None
    """Why one of its turns was not answered."""
    given: list[Generation] = field(default_factory=list)
    """What answered its turns, without the texts."""
    seconds: float = 0.0
    """Of the first turn."""
    later_seconds: dict[int, float] = field(default_factory=dict)
    """By branch, of all later ones together."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be asked or to be waited for."""
        if not self.branches:
            return self.error is not None
        return all(map(self._is_done, self.branches))

    def requests(self) -> Iterator[_Request]:
        """Yield the turns that can be asked."""
        if not self.branches:
            first = self.prompt.model_copy(update={"later_turns": (), "around_turns": ()})
            yield _Request(self, None, first)
        for branch in self.branches:
            if not self._is_done(branch):
                yield self._next(branch)

    def go_on(self, turns: Iterable[Turn]) -> bool:
        """Take turns that were answered before; False where they are of another conversation."""
        for turn in turns:
            at = (one for one in self.requests() if one.number == turn.branch)
            request = next(at, None)
            if request is None or request.prompt != turn.prompt or turn.generation is None:
                return False
            deque(self.take(request, turn.generation), maxlen=0)
        return not self.is_over

    def take(self, request: _Request, generation: Generation) -> Iterator[_Request]:
        """Note what answered a turn; yield the turns that can be asked after it."""
        branch = request.branch
        self.given.append(generation.model_copy(update={"completions": (), "continuations": ()}))
        if branch is None:
            self.seconds = generation.seconds
        else:
            before = self.later_seconds.get(branch.number, 0.0)
            self.later_seconds[branch.number] = before + generation.seconds
        if generation.error is not None or not generation.completions:
            self._fail(branch, generation.error or "the engine gave no completion")
        elif branch is None:
            self.branches = [_Branch(i, [one]) for i, one in enumerate(generation.completions)]
            yield from self.requests()
        else:
            branch.replies.append(generation.completions[0])
            if not self._is_done(branch):
                yield self._next(branch)

    def outcome(self) -> Generation:
        """Return the generation of all turns."""
        first = self.given[0]
        lost = sum(one.lost_requests for one in self.given)
        whole = Generation(
            dataset=self.prompt.dataset,
            sample_id=self.prompt.sample_id,
            seconds=self.seconds + max(self.later_seconds.values(), default=0.0),
            first_token_seconds=first.first_token_seconds,
            lost_requests=lost,
        )
        if self.error is not None:
            # The turns that were answered have to be paid as well.
            n_answered = sum(one.error is None for one in self.given)
            changes = {"error": self.error, "lost_requests": lost + n_answered}
            return whole.model_copy(update=changes)
        read = [one.prompt_tokens for one in self.given]
        return whole.model_copy(
            update={
                "completions": tuple(branch.completion() for branch in self.branches),
                "prompt_tokens": sum(read) if all(read) else 0,
            }
        )

    def _is_done(self, branch: _Branch) -> bool:
        return self.error is not None or len(branch.replies) > len(self.prompt.later_turns)

    def _fail(self, branch: _Branch | None, reason: str) -> None:
        turn = 1 if branch is None else len(branch.replies) + 1
        self.error = f"turn {turn} of {len(self.prompt.later_turns) + 1}: {reason}"

    def _next(self, branch: _Branch) -> _Request:
        prompt = next_turn(self.prompt, [one.text for one in branch.replies])
        turn = f"{branch.number}/{len(branch.replies)}"
        changes: dict[str, object] = {"n": 1, "seed": sample_seed(prompt.seed, "turn", turn)}
        if self.prompt.n > 1:
            # No dataset has such a name, so that no other prompt is under way under it.
            changes["dataset"] = f"{prompt.dataset}#{branch.number}"
        return _Request(self, branch, prompt.model_copy(update=changes))


def _is_counted(reply: Completion) -> bool:
    return bool(reply.output_tokens) or not (reply.text or reply.reasoning)


def _worst(replies: list[Completion]) -> FinishReason:
    found = {one.finish_reason for one in replies}
    worst: tuple[FinishReason, ...] = ("error", "length")
    return next((reason for reason in worst if reason in found), "stop")


def _key(prompt: Prompt) -> Key:
    return prompt.dataset, prompt.sample_id
