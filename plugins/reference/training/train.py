"""Train the reference model from scratch on synthetic word problems, on a CPU.

Run `python train.py --minutes 40`. State is saved every two minutes under `--work`; the same
command run again goes on from there. The schedule follows the time spent, not a number of steps,
so two runs of one seed see the same problems in the same order but may stop at different ones.

Two processes of one thread each share the work and average their gradients: threads in one process
wait for each other at every operation, which is slow on a machine that has other work to do.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from model import END_ID, PAD_ID, build_model, build_tokenizer, save_checkpoint
from problems import Problem, bare_equations, problem, problems, prompt
from tokenizers import Tokenizer
from torch import Tensor, distributed, multiprocessing, nn
from transformers import Qwen2ForCausalLM

POOL = 4096
TOKENS_PER_BATCH = 3072
WORLD = 2
EQUATIONS = 8
DRILLS_FROM = 0.45
"""Fraction of the time after which bare equations are mixed in: wording first, then reckoning."""
DRILL_PROBLEMS = 3 * POOL
"""Problems of another seed whose equations make the drills that go with one pool."""
IGNORED = -100
CHECKPOINT = Path(__file__).parents[1] / "src" / "evalctl_reference" / "checkpoint"


@dataclass
class Progress:
    """Where a run stands; saved with the weights."""

    seed: int
    """Seed of the training problems and of the first weights."""
    problems: int = 0
    """Training problems drawn so far: indices 0 up to this one."""
    tokens: int = 0
    """Tokens seen so far, without padding."""
    steps: int = 0
    """Optimiser steps taken."""
    seconds: float = 0.0
    """Training time so far."""
    loss: float = 0.0
    """Moving average of the loss on answers, in nats a token."""


@dataclass(frozen=True)
class Example:
    """One encoded problem or drill."""

    ids: list[int]
    """All tokens, with the end-of-text token of a problem."""
    wanted: list[bool]
    """Which of them the model learns to say."""


def encode_problems(tokenizer: Tokenizer, batch: list[Problem]) -> list[Example]:
    """The problems as token ids, prompts and answers encoded apart as at generation."""
    heads = tokenizer.encode_batch([prompt(row.question) for row in batch])
    tails = tokenizer.encode_batch([f" {row.answer}" for row in batch])
    return [
        Example(
            [*head.ids, *tail.ids, END_ID], [False] * len(head.ids) + [True] * (len(tail.ids) + 1)
        )
        for head, tail in zip(heads, tails, strict=True)
    ]


def encode_drills(tokenizer: Tokenizer, batch: list[Problem], rng: random.Random) -> list[Example]:
    """The bare equations of the problems, mixed and a few to an example; results are learnt."""
    pairs = [pair for row in batch for pair in bare_equations(row.answer)]
    rng.shuffle(pairs)
    lefts = tokenizer.encode_batch([f" {left} =" for left, _ in pairs])
    rights = tokenizer.encode_batch([f" {right}." for _, right in pairs])
    examples: list[Example] = []
    for start in range(0, len(pairs), EQUATIONS):
        ids, wanted = [END_ID], [False]
        for left, right in zip(lefts[start:], rights[start : start + EQUATIONS], strict=False):
            ids += [*left.ids, *right.ids]
            wanted += [False] * len(left.ids) + [True] * len(right.ids)
        examples.append(Example(ids, wanted))
    return examples


def make_batches(examples: list[Example], rng: random.Random) -> list[list[Example]]:
    """Batches of like length and about `TOKENS_PER_BATCH` tokens, in random order."""
    batches: list[list[Example]] = []
    current: list[Example] = []
    for example in sorted(examples, key=lambda row: len(row.ids)):
        if current and len(example.ids) * (len(current) + 1) > TOKENS_PER_BATCH:
            batches.append(current)
            current = []
        current.append(example)
    batches.append(current)
    rng.shuffle(batches)
    return batches


def to_tensors(batch: list[Example]) -> tuple[Tensor, Tensor]:
    """Inputs and targets, each `[batch, length]`, padded on the right; prompts are no targets."""
    length = max(len(row.ids) for row in batch) - 1
    inputs = torch.full((len(batch), length), PAD_ID)
    targets = torch.full((len(batch), length), IGNORED)
    for index, row in enumerate(batch):
        size = len(row.ids) - 1
        inputs[index, :size] = torch.tensor(row.ids[:-1])
        goals = torch.tensor(row.ids[1:])
        targets[index, :size] = goals.where(torch.tensor(row.wanted[1:]), IGNORED)
    return inputs, targets


def build_optimizers(model: nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the embedding, norms and biases."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        inside = parameter.ndim == 2 and "embed" not in name
        (matrices if inside else others).append(parameter)
    return [
        torch.optim.Muon(
            matrices, lr=8e-3, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(others, lr=4e-3, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def rate(fraction: float, steps: int) -> float:
    """Learning-rate factor: a short warm-up, flat, then straight down over the last 60 %."""
    return min(1.0, (steps + 1) / 40, max(0.02, (1.0 - fraction) / 0.6))


def loss_of(model: Qwen2ForCausalLM, batch: list[Example]) -> Tensor:
    """The mean loss over answer tokens, in nats."""
    inputs, targets = to_tensors(batch)
    wanted = targets != IGNORED
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.model(input_ids=inputs).last_hidden_state
        logits = model.lm_head(hidden[wanted])
    return nn.functional.cross_entropy(logits.float(), targets[wanted])


def average(model: nn.Module, figures: list[float]) -> list[float]:
    """The figures averaged over the processes; gradients are averaged in place."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([*(gradient.flatten() for gradient in gradients), torch.tensor(figures)])
    distributed.all_reduce(flat)
    flat /= WORLD
    sizes = [gradient.numel() for gradient in gradients]
    *parts, last = flat.split([*sizes, len(figures)])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
    return [float(figure) for figure in last]


class Run:
    """A training run that can be saved and taken up again."""

    def __init__(self, work: Path, seed: int) -> None:
        torch.manual_seed(seed)
        self.path = work / "state.pt"
        self.progress = Progress(seed)
        corpus = (f"{prompt(row.question)} {row.answer}" for row in problems(seed, 20_000))
        self.tokenizer = build_tokenizer(corpus)
        self.model = build_model()
        self.optimizers = build_optimizers(self.model)
        self.base_rates = [optimizer.param_groups[0]["lr"] for optimizer in self.optimizers]
        if self.path.exists():
            state = torch.load(self.path, weights_only=True)
            self.progress = Progress(**state["progress"])
            self.model.load_state_dict(state["model"])
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)

    def save(self) -> None:
        """Write weights, optimiser state and progress, replacing the old file at once."""
        state = {
            "progress": asdict(self.progress),
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        part = self.path.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.path)

    def step(self, batch: list[Example], minutes: float) -> None:
        """One optimiser step; `minutes` is the time that the whole run may take."""
        started = time.perf_counter()
        progress = self.progress
        factor = rate(progress.seconds / (60 * minutes), progress.steps)
        for optimizer, base in zip(self.optimizers, self.base_rates, strict=True):
            optimizer.param_groups[0]["lr"] = base * factor
            optimizer.zero_grad()
        loss = loss_of(self.model, batch)
        loss.backward()
        tokens = sum(len(row.ids) for row in batch)
        answer_loss, mean_tokens = average(self.model, [loss.item(), float(tokens)])
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        progress.steps += 1
        progress.tokens += round(WORLD * mean_tokens)
        kept = min(0.98, 1 - 1 / progress.steps)
        progress.loss = kept * progress.loss + (1 - kept) * answer_loss
        spent = torch.tensor([time.perf_counter() - started])
        distributed.all_reduce(spent)
        progress.seconds += spent.item() / WORLD

    def next_pool(self, minutes: float) -> list[list[Example]]:
        """Batches of the next `POOL` training problems, later in the run with drills."""
        first, seed = self.progress.problems, self.progress.seed
        rng = random.Random(first)
        pool = [problem(seed, index) for index in range(first, first + POOL)]
        examples = encode_problems(self.tokenizer, pool)
        if self.progress.seconds >= DRILLS_FROM * 60 * minutes:
            more = problems(seed + 1, DRILL_PROBLEMS, first=first * DRILL_PROBLEMS // POOL)
            examples += encode_drills(self.tokenizer, list(more), rng)
        self.progress.problems += POOL
        batches = make_batches(examples, rng)
        return batches[: len(batches) // WORLD * WORLD]


def train(run: Run, minutes: float, rank: int) -> None:
    """Train until the time is spent; an interrupted pool of problems is not taken up again."""
    saved = run.progress.seconds
    while run.progress.seconds < 60 * minutes:
        for batch in run.next_pool(minutes)[rank::WORLD]:
            run.step(batch, minutes)
            if run.progress.seconds >= 60 * minutes:
                break
            if rank == 0 and run.progress.steps % 25 == 0:
                print(json.dumps(asdict(run.progress)), flush=True)
            if rank == 0 and run.progress.seconds - saved > 120:
                run.save()
                saved = run.progress.seconds


def work(rank: int, options: argparse.Namespace) -> None:
    """One process of the run; the first one writes the files."""
    torch.set_num_threads(1)
    meeting = f"file://{(options.work / 'meeting').resolve()}"
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=WORLD)
    run = Run(options.work, options.seed)
    distributed.barrier()
    train(run, options.minutes, rank)
    if rank == 0:
        run.save()
        save_checkpoint(run.model, run.tokenizer, options.output)
        facts = asdict(run.progress) | {"torch": torch.__version__}
        (options.work / "run.json").write_text(json.dumps(facts, indent=2) + "\n")
        print(json.dumps(facts), flush=True)
    distributed.destroy_process_group()


def main() -> None:
    """Read the command line, train and save the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--output", type=Path, default=CHECKPOINT)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / "meeting").unlink(missing_ok=True)
    multiprocessing.spawn(work, args=(options,), nprocs=WORLD)


if __name__ == "__main__":
    main()
