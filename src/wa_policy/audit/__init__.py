"""The opt-in audit: from exports of any size to one small file that proves coverage and agreement."""
