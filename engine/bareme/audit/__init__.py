"""Why a figure is what it is, and whether it is what somebody printed."""
