"""From a challenger to the champion that answers, and back."""
