"""What a running fleet uses: samples of process and actors, alarms, memory pressure, cleanup."""
