"""What a mapping tells about itself: explanation, coverage, inverse, composition and the schema it implies."""
