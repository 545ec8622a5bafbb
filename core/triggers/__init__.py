"""Which effects a fact sets off."""
