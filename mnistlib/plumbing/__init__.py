"""What nobody needs to read in order to learn: downloading, writing files, progress bars, threads."""
