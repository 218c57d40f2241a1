"""From records to settled batches: gathering, filtering, invoking, retrying, giving up."""
