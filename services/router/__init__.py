"""Router 派单督办: who leads, by when, and what happens when nobody acts."""
