"""What earlier versions decided and stored, compared with what this one does."""
