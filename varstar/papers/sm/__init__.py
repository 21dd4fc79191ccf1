"""SM: Santomena & Mufti, catch22 with dense networks; recurrent networks."""
