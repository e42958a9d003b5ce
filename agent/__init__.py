"""What did they mean, and what shall we do?"""
