"""What nobody needs to read in order to learn: downloading, progress bars, threads."""
