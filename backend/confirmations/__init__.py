"""The owner's word without an account: a code shown at departure, signed by a phone whose number the register knows."""
