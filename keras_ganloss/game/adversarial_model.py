"""The abstract game: what a step is."""

import dataclasses

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.game.bystander import Bystander
from keras_ganloss.game.bystander import call_with_values
from keras_ganloss.game.ends import get_head
from keras_ganloss.game.game import Game
from keras_ganloss.game.gradient_checks import check_gradients
from keras_ganloss.game.judge import Judge
from keras_ganloss.game.judge import call_losses
from keras_ganloss.game.judge import weight_losses
from keras_ganloss.game.objective import Objective
from keras_ganloss.metrics.shared_passes import shared_passes
from keras_ganloss.utils.features import with_features


class AdversarialModel(Game):
    """A `keras.Model` that plays a game between two groups of networks.

    Subclasses fill `d_network_names` and `g_network_names`, the names of the
    attributes that hold their networks, `draw` and `duels`, and where they
    have more to minimize `d_terms` and `g_terms` with their names in
    `d_term_names` and `g_term_names`. They override nothing else.

    Args:
        seed: Optional int, the seed of everything the model draws. The same
            seed gives the same history, bit for bit, on one device.
        **kwargs: See `keras.Model`.
    """

    def draw(self, data, training):
        """Returns the `Samples` of a batch; runs the generator.

        Args:
            data: A batch as Keras gives it to `train_step`.
            training: Bool, the mode of the generator.
        """
        raise NotImplementedError(self._must_fill("draw"))

    def duels(self, samples, judge):
        """Returns a list of `Duel`s.

        Args:
            samples: What `draw` returned.
            judge: A function of `(discriminator, condition=None,
                head=None)` that returns a `Judge` for this step.
        """
        raise NotImplementedError(self._must_fill("duels"))

    def makers(self, samples, training):
        """Returns a list of `Maker`s, for penalties of the generator.

        Args:
            samples: What `draw` returned.
            training: Bool, the mode of the generator.
        """
        raise NotImplementedError(
            f"{self._must_fill('makers')} It is needed for `g_penalties`."
        )

    def run_generator_again(self, network, inputs, training):
        """Calls a generator network and leaves no trace but rolled dice.

        As `run_generator`, but moving statistics stay as they are.
        """
        values = {}
        if not training and self.weight_average is not None:
            values = self.weight_average.values()
        return call_with_values(network, inputs, training, values)[0]

    def d_terms(self, samples, duels):
        """Returns a dict of what else the discriminator minimizes."""
        del samples, duels
        return {}

    def g_terms(self, samples, duels):
        """Returns a dict of what else the generator minimizes."""
        del samples, duels
        return {}

    def add_g_losses(self, objective, samples, training):
        """Adds what the generator's last call has left: losses of layers.

        Args:
            objective: The generator's `Objective`.
            samples: What `draw` returned.
            training: Bool, the mode of the generator.
        """
        del samples, training
        for network in self.g_networks:
            objective.add_regularization(call_losses(network))
            objective.add_regularization(weight_losses(network))

    def measure(self, samples, logs):
        """Updates metrics that look at more than real and fake samples.

        Args:
            samples: What `draw` returned.
            logs: Dict of what the players said of them.

        Returns:
            Dict of logs that are no results of metrics.
        """
        del samples, logs
        return {}

    # The objectives.

    def d_objective(self, samples):
        """Returns the discriminator's total loss, and logs."""
        return self._d_objective(samples, self.judged_duels(samples))

    def g_objective(self, samples, view=Bystander):
        """Returns the parts of the generator's loss, and logs.

        Args:
            samples: What `draw` returned.
            view: A function of a discriminator that returns what judges in
                its stead.
        """
        duels = self.judged_duels(samples, view)
        return self._g_objective(samples, duels)

    def joint_objectives(self, samples, training=True):
        """Returns all losses, and logs.

        The discriminator's comes first, then the parts of the generator's.
        Both are from one judgement, unless a pool gives the discriminator
        other samples than the generator's newest.
        """
        if training and self.pool is not None:
            fixed = self.pooled(samples.stop_gradient())
            d_loss, d_logs = self.d_objective(fixed)
            g_losses, g_logs = self.g_objective(samples)
            return [d_loss, *g_losses], {**d_logs, **g_logs}
        duels = self.judged_duels(samples, training=training)
        d_loss, d_logs = self._d_objective(samples, duels, training)
        g_losses, g_logs = self._g_objective(samples, duels, training)
        return [d_loss, *g_losses], {**d_logs, **g_logs}

    def judged_duels(
        self, samples, view=lambda network: network, training=True
    ):
        """Returns the duels of samples before judges of this step."""

        def judge(discriminator, condition=None, head=None):
            return Judge(
                view(discriminator),
                condition,
                training,
                self.seed_generator,
                self.d_updates,
                self.transforms,
                lambda: self.makers(samples, training),
                head or get_head(self.logits, discriminator),
                lambda layers: view(with_features(discriminator, layers)),
            )

        return self.duels(samples, judge)

    def _learn(self, duels):
        """Lets what has a memory learn from the judgements of an update."""
        for duel in duels:
            outputs = [
                keras.tree.map_structure(
                    ops.stop_gradient, duel.judge.outputs(samples)
                )
                for samples in (duel.real, duel.fake)
            ]
            for pair in zip(*map(keras.tree.flatten, outputs)):
                for term in self.terms:
                    term.update_state(*pair)

    def _d_objective(self, samples, duels, training=True):
        weights = self.weights_at(self.d_updates, self.d_term_names)
        objective = Objective("d", weights)
        for penalty in self.penalties:  # First: they need the gradients.
            for duel in duels:
                value = penalty(duel.judge, duel.real, duel.fake)
                objective.add(penalty.name, value)
        for duel in duels:
            objective.add_duel(self.d_loss, duel)
        if training:
            self._learn(duels)
        objective.add_terms(self.d_terms(samples, duels))
        for judge in {id(duel.judge): duel.judge for duel in duels}.values():
            objective.add_regularization(judge.call_losses)
        for network in self.d_networks:
            objective.add_regularization(weight_losses(network))
        return objective.total, {**objective.logs(), **objective.score(duels)}

    def _g_objective(self, samples, duels, training=True):
        names = ("adversarial", *self.g_term_names)
        weights = self.weights_at(self.g_updates, names)
        objective = Objective("g", weights)
        # First: a penalty may call it again.
        self.add_g_losses(objective, samples, training)
        for penalty in self.g_penalties:
            for maker in self.makers(samples, training):
                own = [duel for duel in duels if duel.fake is maker.fake]
                maker = dataclasses.replace(maker, duels=own)
                objective.add(penalty.name, penalty(maker))
        for duel in duels:
            objective.add_duel(self.g_loss, duel)
        objective.add_terms(self.g_terms(samples, duels))
        if self.balance is None:
            return [objective.total], objective.logs()
        logs = {**objective.logs(), self.balance.name: weights["adversarial"]}
        return [objective.others, objective.adversarial], logs

    # The step.

    def update_players(self, data):
        """One training step on a batch; returns the means of the epoch."""
        if not self.gradients_are_checked:
            check_gradients(self, data)
            self.gradients_are_checked = True
        logs = {}
        if self.d_steps == 1:
            logs = self._play_both(data)
        else:
            self.turns.assign_add(1)
            backend.cond(
                ops.equal(ops.mod(self.turns.value, self.d_steps), 0),
                lambda: self._play_both(data),
                lambda: self._track(
                    *self.updates.play_discriminator(self, data),
                    self.batch_metrics,
                ),
            )
        return {**self.get_metrics_result(), **logs}

    def _play_both(self, data):
        logs, samples = self.updates.play(self, data)
        for _ in range(self.g_steps - 1):
            logs.update(self.updates.play_generator(self, data))
        return self._track(logs, samples, self.batch_metrics)

    def judge_players(self, data):
        """One step of `evaluate`: both losses, nothing is updated."""
        samples = self.draw(data, training=False)
        _, logs = self.joint_objectives(samples, training=False)
        logs = self._track(logs, samples, self.user_metrics)
        return {**self.get_metrics_result(), **logs}

    def _track(self, logs, samples, metrics):
        samples = backend.unpad(samples)
        batch_size = ops.shape(keras.tree.flatten(samples.fake)[0])[0]
        self.means.update_state(logs, batch_size)
        with shared_passes():
            for metric in metrics:
                metric.update_state(samples.real, samples.fake)
        return self.measure(samples, logs)
