"""What the project's own digits are worth: how well networks that learned from nothing else read MNIST.

    python benchmarks/synthetic.py       about two minutes on one core; needs MNIST

It prints the table of data/README.md. The network is 784-128-10 with ReLU and softmax, 12 epochs; the mean of
three seeds. The generator was tuned on MNIST's training images (data/README.md says how), not the test set.
"""

import statistics

from mnistlib import Network, accuracy, linear_decay, load_data, synthetic_digits, train


def learn(images, labels):
    """Three networks that have learned from these, each from a seed of its own."""
    networks = [Network([784, 128, 10], seed=seed) for seed in range(3)]
    options = {"epochs": 12, "batch_size": 100, "learning_rate": linear_decay(0.1), "progress": False}
    for seed, network in enumerate(networks):
        train(network, images, labels, seed=seed, **options)
    return networks


def main():
    mnist, fresh = load_data("mnist"), synthetic_digits(10_000, seed=12)
    sets = {
        "10,000 synthetic digits": (*synthetic_digits(10_000, seed=11), *fresh),
        "30,000 synthetic digits": (*synthetic_digits(30_000, seed=13), *fresh),
        "the bundled sample": load_data("sample")[:4],
    }
    print(f"{'trained on':<26}{'MNIST training':>16}{'MNIST test':>12}{'fresh digits of its own kind':>30}")
    for name, (images, labels, *own) in sets.items():
        networks, shares = learn(images, labels), []
        for exam in (mnist[:2], mnist[2:4], own):
            shares.append(statistics.mean(accuracy(network, *exam) for network in networks))
        print("{:<26}{:16.2%}{:12.2%}{:30.2%}".format(name, *shares), flush=True)


if __name__ == "__main__":
    main()
