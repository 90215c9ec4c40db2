"""What is read survives thousands of random changes to it, each made anew from its number alone."""
