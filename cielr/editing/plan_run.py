"""A plan carried out, stretch by stretch: what refers to something drawn waits until that can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace

from ..actions import Action, Plan
from ..core.progress import share_of
from ..core.scene import OnStep, Scene
from ..errors import EditError
from ..region import Region, Stretch, regions, seeded, stretches
from ..telling.trace import Event, Step, Trace
from ..telling.wording import attempts_words, change_words, check_words, idle_words
from .attempts import Picture, attempted
from .executor import Change
from .look_again import Eyes, looked_again
from .painters import Filler, Inpainter, take_remarks
from .transparency import painted
from .variants import Choice, has_variants, variant_of
from .verify import Check, Witness


@dataclass(frozen=True)
class Hands:
    """Who carries a plan out, and how.

    Attributes:
        inpainter: None is the built-in fill; fill: who fills holes, None is the built-in fill.
        seed: equal seeds give equal bytes; colour_match: undo the shift in colour of a diffusion model.
        attempts: at each action, at most; 1 checks nothing. witness: asked besides the eyes, or None.
        variant: which of every region, from 0; choice: which of some, in its place.
    """

    inpainter: Inpainter | Filler | None = None
    fill: Filler | None = None
    seed: int = 0
    colour_match: bool = True
    attempts: int = 1
    witness: Witness | None = None
    variant: int = 0
    choice: Choice = field(default_factory=Choice)

    def kept(self, cut: Sequence[Region]) -> list[Region]:
        """The regions as the variants that are to be painted."""
        if self.choice.kept:
            return self.choice.keeping(cut, by_action=self.attempts > 1)
        return [variant_of(region, self.variant) for region in cut]


def run_variants(
    count: int,
    plan: Plan,
    scene: Scene,
    start: Picture,
    is_see_through: bool,
    hands: Hands,
    eyes: Eyes | None,
    trace: Trace,
    on_event: Callable[[Event], None] | None,
) -> list[PlanRun]:
    """The plan carried out so often, each time with another variant of every region; once where code alone does it.

    Args:
        start: the picture before; the rest as for `PlanRun`.

    Raises:
        As `PlanRun.run`.
    """
    runs: list[PlanRun] = []
    for number in range(count):
        share = _share_of_edit(on_event, number, count)
        run = PlanRun(start, is_see_through, replace(hands, variant=number), eyes, trace, share)
        run.run(plan, scene)
        runs.append(run)
        if count > 1 and not run.seeds:
            run.notices.append("Code alone carries this out, the same each time, so there is one variant.")
            break
    return runs


def _share_of_edit(on_event: Callable[[Event], None] | None, number: int, count: int) -> Callable[[Event], None] | None:
    """A listener for part `number` of `count` edits, which tells `on_event` of the whole; None where that is None."""
    if on_event is None or count == 1:
        return on_event
    return lambda event: on_event(replace(event, fraction=(number + event.fraction) / count))


class PlanRun:
    """One plan on one picture.

    Args:
        is_see_through: whether the picture's alpha hides anything; eyes: that look for things by name, or None.
        on_event: told about progress; what it raises cancels.

    Attributes:
        picture: as it is now; regions, changes, checks: of all that was done so far and kept.
        seeds: of the variants that were painted, as a choice names them.
        notices: sentences that the user should read.
    """

    def __init__(
        self,
        picture: Picture,
        is_see_through: bool,
        hands: Hands,
        eyes: Eyes | None,
        trace: Trace,
        on_event: Callable[[Event], None] | None,
    ) -> None:
        self.picture = picture
        self.is_see_through = is_see_through
        self.hands = hands
        self.eyes = eyes
        self.trace = trace
        self.on_event = on_event
        self.regions: list[Region] = []
        self.changes: list[Change] = []
        self.checks: list[Check] = []
        self.notices: list[str] = []
        self.seeds: list[int] = []

    def run(self, plan: Plan, scene: Scene) -> None:
        """Carries the plan out.

        Raises:
            PlanError, EditError: where it cannot be done on this picture or with these hands.
        """
        if not plan.actions:
            self.notices += idle_words(plan, [])
        parts = stretches(plan, scene)
        for part in parts:
            notices: list[str] = []
            if part.waits_for:
                scene, notices = looked_again(scene, self.picture.pixels, part.waits_for, self.eyes)
            cut = self._worked_out(part, scene, notices, is_all=len(parts) == 1)
            scene = self._carried_out(part, cut, scene)
        self.notices += self.hands.choice.idle_words(self.seeds)
        if plan.actions and not self.regions:
            # whoever asked for an edit is not to take a copy of the photo for one
            raise EditError(*idle_words(plan, self.regions))

    def _worked_out(self, part: Stretch, scene: Scene, notices: list[str], is_all: bool) -> list[Region]:
        plan = Plan(actions=part.actions)
        hands = self.hands
        variant = {"variant": hands.variant + 1} if hands.variant else {}
        with self.trace.step("region", plan=plan, seed=hands.seed, **variant) as step:
            self._tell(Event("region", "Working out the regions", 0.0))
            cut = hands.kept(seeded(regions(plan, scene, first=part.first), hands.seed))
            self.seeds += [region.seed for region in cut if has_variants(region)]
            idle = idle_words(plan, cut, part.first, is_all)
            if plan.actions and not cut and is_all:
                raise EditError(*idle)
            for words in (*notices, *idle):
                step.note("notice", words)
            self.notices += [*notices, *idle]
            step.output(regions=cut)
        return cut

    def _carried_out(self, part: Stretch, cut: Sequence[Region], scene: Scene) -> Scene:
        """Carries one stretch out; the scene after it."""
        hands = self.hands
        painter, filler = (repr(hand) if hand is not None else "built in" for hand in (hands.inpainter, hands.fill))
        with self.trace.step("edit", regions=len(cut), inpainter=painter, fill=filler) as step:
            for number, action in enumerate(part.actions):
                share = share_of(self._on_step(), number, len(part.actions))
                self._act(action, [region for region in cut if region.index == part.first + number], scene, step, share)
                scene = action.after(scene)
            step.output(image=self.picture.pixels)
        return scene

    def _act(self, action: Action, cut: list[Region], scene: Scene, step: Step, on_step: OnStep | None) -> None:
        """One action, painted until it is as it should be, or as often as is allowed."""
        tried: list[list[Change]] = []

        def paint(picture: Picture, todo: Sequence[Region]) -> Picture:
            tried.append([])
            return self._painted(picture, todo, step, tried[-1].append, on_step)

        def on_check(check: Check) -> None:
            step.note("check" if check.is_good else "notice", check_words(check), **asdict(check))

        hands = self.hands
        self.picture, done, checks = attempted(
            self.picture, action, cut, scene, paint, hands.attempts, self.eyes, hands.witness, on_check
        )
        kept = next((number for number, check in enumerate(checks) if check.kept), 0)
        self.regions += done
        self.checks += checks
        if not all(check.is_good for check in checks):
            self.notices += attempts_words(checks)
        self.changes += tried[kept] if tried else []

    def _painted(
        self,
        picture: Picture,
        todo: Sequence[Region],
        step: Step,
        on_change: Callable[[Change], None],
        on_step: OnStep | None,
    ) -> Picture:
        hands = self.hands

        def noted(change: Change) -> None:
            on_change(change)
            for words in take_remarks(hands.inpainter):
                if words not in self.notices:
                    step.note("notice", words)
                    self.notices.append(words)
            step.note("change" if change.is_seen else "notice", change_words(change), **asdict(change))

        options = {"fill": hands.fill, "on_change": noted, "colour_match": hands.colour_match}
        return painted(picture, todo, self.is_see_through, hands.inpainter, on_step, **options)

    def _tell(self, event: Event) -> None:
        if self.on_event is not None:
            self.on_event(event)

    def _on_step(self) -> OnStep | None:
        on_event = self.on_event
        if on_event is None:
            return None
        return lambda done, total: on_event(Event("edit", "Editing", done / total))
