"""Why a printed figure is what it is: the network, the code, the convention and the rounding that give it."""
