"""An embedded universe that answers the SpaceTraders API over HTTP."""
