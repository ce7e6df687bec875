"""What a step is: objectives, updates, and what is tracked of them."""

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.game.gradient_checks import check_gradients
from keras_ganloss.game.judge import NoJudge
from keras_ganloss.game.objective import Objective
from keras_ganloss.game.objective import score
from keras_ganloss.game.turn import Turn
from keras_ganloss.metrics.shared_passes import shared_passes
from keras_ganloss.updates.update_rule import update_discriminator
from keras_ganloss.utils.shapes import batch_size


def objectives(turn: Any) -> tuple[Any, Any]:
    """Returns what the players of a turn minimize, and logs.

    Args:
        turn: A `Turn` that has its samples.

    Returns:
        List of the losses of each player in turn, two where a `Balance`
        weighs them; and a dict of logs.
    """
    found, logs = _judge(turn)
    losses = []
    for player, objective in zip(turn.players, found):
        losses += objective.parts(player.num_parts)
        if player.balance is not None:
            # Those of a step that loss scaling skips are not finite.
            objective.weights = player.weights_at(player.step)
        logs |= objective.logs(player.balance)
    return losses, logs


def _judge(turn):
    """Returns the `Objective`s of the players of a turn, and who is winning."""
    for index, player in enumerate(turn.players):
        balance = player.balance
        if turn.training and balance is not None and balance.at_samples:
            return _judge_and_weigh(turn, index)
    return _judge_as_weighed(turn)


def _judge_as_weighed(turn):
    game = turn.game
    duels = game.duels(turn.samples, turn)
    turn.ask(duels)
    logs = score(duels) if game.d_player in turn.players else {}
    found = [_objective(turn.of(player), duels) for player in turn.players]
    if logs and turn.training:
        _learn(game.components, duels)
    return found, logs


def _judge_and_weigh(turn, index):
    """As above, with weights by the gradients at the samples."""
    player = turn.players[index]
    found, measured = [], {}

    def run(outputs):
        found[:], logs = _judge_as_weighed(turn.at(outputs))
        measured.update(player.balance.measured(found[index]))
        scaled = [
            player.optimizer.scale_loss(ops.convert_to_tensor(value))
            for value in measured.values()
        ]
        return scaled, ([objective.tensors for objective in found], logs)

    outputs = keras.tree.flatten(turn.game.outputs(turn.samples))
    zeros = [ops.zeros_like(leaf) for leaf in outputs]
    (tensors, logs), gradients = backend.gradients_of_each(run, outputs)
    for objective, values in zip(found, tensors):
        objective.tensors = values
    gradients = {
        # A number is that of a lazy penalty which is not due.
        name: zeros if isinstance(value, float) else gradient
        for (name, value), gradient in zip(measured.items(), gradients)
    }
    unreached = [name for name in gradients if gradients[name] is None]
    if unreached:
        raise ValueError(
            "Gradients are measured at the samples that the generator made, "
            "and there are terms that do not depend on them. Leave these out "
            "of the balance: they keep their own weight. Received: "
            f"{player.balance!r}, without a gradient: {unreached}"
        )
    weights = player.balance.weigh(
        gradients, player.optimizer.scale_loss(1.0), player.step
    )
    for name, weight in weights.items():
        found[index].weights[name] = ops.stop_gradient(weight)
    return found, logs


def _objective(turn, duels):
    player = turn.player
    objective = Objective(player.prefix, player.weights_at(turn.step))
    for penalty in player.penalties:
        with suppress(NoJudge):
            objective.add(penalty.name, penalty.over(turn, duels))
    for duel in duels:
        with suppress(NoJudge):
            objective.add_duel(player.side, duel)
    for name, value in _terms(turn, duels).items():
        with suppress(NoJudge):
            objective.add(name, value() if callable(value) else value)
    objective.add_regularization(turn.game.layer_losses(turn))
    return objective


def _terms(turn, duels):
    """Returns the player's own terms by name, values or functions."""
    if not turn.player.terms:
        return {}
    game = turn.game
    terms = game.terms(turn.samples, duels, turn)
    known = {*game.d_terms, *game.g_terms}
    if not known >= set(terms) >= set(turn.player.terms):
        raise ValueError(
            "`terms` must return a dict of the names that `d_terms` and "
            f"`g_terms` of the game declare: {sorted(known)}. Received: "
            f"{sorted(terms)}"
        )
    return {name: terms[name] for name in turn.player.terms}


def _learn(components, duels):
    """Lets what has a memory learn from the judgements of an update."""
    for duel in duels:
        outputs = [
            keras.tree.map_structure(
                ops.stop_gradient, duel.judge.outputs(samples)
            )
            for samples in (duel.real, duel.fake)
        ]
        for pair in zip(*map(keras.tree.flatten, outputs)):
            for component in components:
                component.update_state(*pair)


def minimize(
    function: Callable[..., Any], players: Any
) -> tuple[dict[str, Any], Any]:
    """Lets players descend at the same time, each its own loss.

    Args:
        function: Returns a list of losses, those of each player in turn, a
            dict of logs, and anything else.
        players: List of `Player`s.

    Returns:
        The logs, and whatever else `function` returned.
    """

    def run():
        losses, logs, others = function()
        return losses, (logs, others)

    owners = [player for player in players for _ in range(player.num_parts)]
    losses, (logs, others), gradients = backend.compute_gradients(
        run,
        [player.variables for player in owners],
        [player.optimizer.scale_loss for player in owners],
    )
    for player in players:
        mine = [i for i, owner in enumerate(owners) if owner is player]
        logs = logs | player.descend(
            [losses[i] for i in mine], [gradients[i] for i in mine]
        )
    return logs, others


def check(game: Any, batch: Any) -> None:
    """Raises if a step on a batch could train nothing."""
    check_gradients(game, batch)
    game.gradients_are_checked = True


def update(game: Any, batch: Any) -> dict[str, Any]:
    """One training step on a batch; returns logs that no metric has."""
    if not game.gradients_are_checked:
        check(game, batch)
    play = _play if game.order.is_plain else _play_in_order
    return play(game, batch)


def _play(game, batch):
    logs, samples = game.updates.play(game, batch)
    for _ in range(game.g_steps - 1):
        logs.update(game.updates.play_generator(game, batch)[0])
    return _track(game, logs, samples)


def _play_in_order(game, batch):
    """Those who have a turn on this batch play."""
    cases = game.order.cases(
        ops.convert_to_tensor(game.turns),
        ops.convert_to_tensor(game.g_player.step),
        game.seed_generator.state.value,
    )
    holds = [ops.cast(case, "int32") for case in cases.values()]
    backend.switch(
        ops.cast(ops.argmax(ops.stack(holds)), "int32"),
        [
            functools.partial(_without_logs, _PLAYS[c], game, batch)
            for c in cases
        ],
    )
    return {}


def _without_logs(play, game, batch):
    logs = play(game, batch)
    if logs:
        raise ValueError(
            "Where players do not play on every batch, logs must be results "
            "of metrics: a value of one batch has no mean. Let "
            "`compute_metrics` of the generator return results of metrics "
            f"alone. Received: {type(game).__name__} with logs {sorted(logs)}"
        )


def _play_both(game, batch):
    if game.d_steps > 1:
        game.turns.assign_add(1)
    return _play(game, batch)


def _play_generator(game, batch):
    return _track(game, *game.updates.play_generator(game, batch))


def _play_discriminator(game, batch):
    game.turns.assign_add(1)
    return _track(game, *game.updates.play_discriminator(game, batch))


def _begin(game, batch):
    return _track(game, *_minimize_explicit(game, batch)[:2])


def _begin_with_discriminator(game, batch):
    logs, samples, made = _minimize_explicit(game, batch)
    turn = game.turn("generator")
    turn.take(samples, made)
    return _track(game, {**update_discriminator(game, turn), **logs}, samples)


def _minimize_explicit(game, batch):
    """The generator minimizes what asks no discriminator.

    Returns logs, the samples, and what they were made from.
    """

    def objective():
        turn = Turn(game, [game.beginner])
        samples = turn.draw(batch)
        losses, logs = objectives(turn)
        game.order.note(logs)
        return losses, logs, (samples.stop_gradient(), turn.made)

    logs, (samples, made) = minimize(objective, [game.beginner])
    return logs, samples, made


_PLAYS = {
    "both": _play_both,
    "generator": _play_generator,
    "discriminator": _play_discriminator,
    "begin": _begin,
    "begin_with_discriminator": _begin_with_discriminator,
}


def evaluate(game: Any, batch: Any) -> Any:
    """One step of `evaluate`; returns logs that no metric has.

    Both losses are computed whole, whoever has begun to play: epochs are to
    be compared. Nothing is updated.
    """
    turn = game.turn("discriminator", "generator", training=False)
    turn.draw(batch)
    _, logs = objectives(turn)
    return _track(game, logs, turn.samples, training=False)


def _track(game, logs, samples, training=True):
    samples = backend.without_padding(samples)
    game.means.update_state(logs, batch_size(samples.fake))
    with shared_passes():
        for metric in game.batch_metrics if training else game.user_metrics:
            metric.update_state(samples.real, samples.fake)
    return game.measure(samples, logs, training)
