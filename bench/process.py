"""The processor time and the memory of a process (Linux's /proc)."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far, in user and in kernel mode."""
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 and 15, after "(name)"
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def peak_mib(pid: int) -> float:
    """Return the most resident memory that a process has had so far, in MiB."""
    # https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024
