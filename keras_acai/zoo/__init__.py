"""From a name to a trained model and back: folders, weights, records, cards, the Hub."""
