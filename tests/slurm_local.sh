# A sweep on Slurm itself, on this machine: a job array, one of whose tasks meets its time limit, is
# requeued, and goes on. Starts munged, slurmctld and slurmd of its own, on loopback and ports of its own,
# with all they write in a fresh folder; whatever Slurm is there already is left alone. It takes root and Debian's
# packages slurm-wlm and munge, and some minutes, since Slurm counts limits in minutes and lets a requeued
# job wait for two: so it is no part of `make test`.
#   tests/run.sh tests/slurm_local.sh
. tests/tap.sh
. tests/cluster.sh

leave() {  # why
  skip "a sweep on Slurm" "$1"
  finish
}
for program in munged slurmctld slurmd sbatch squeue scontrol; do
  command -v $program >/dev/null 2>&1 || PATH=$PATH:/usr/sbin:/sbin
  command -v $program >/dev/null 2>&1 || leave "$program is not here; on Debian: apt-get install slurm-wlm munge"
done
[ "$(id -u)" = 0 ] || leave "Slurm's daemons are started by root"

S=$DIR/slurm
host=$(hostname -s)
mkdir "$S" "$S/state" "$S/spool"
chmod 755 "$DIR" "$S"
dd if=/dev/urandom of="$S/munge.key" bs=1024 count=1 2>/dev/null
chmod 400 "$S/munge.key"
echo "IgnoreSystemd=yes" >"$S/cgroup.conf"
cat >"$S/slurm.conf" <<END
ClusterName=setlab
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=27817
SlurmdPort=27818
AuthType=auth/munge
AuthInfo=socket=$S/munge.sock
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
StateSaveLocation=$S/state
SlurmdSpoolDir=$S/spool
SlurmctldPidFile=$S/slurmctld.pid
SlurmdPidFile=$S/slurmd.pid
SlurmctldLogFile=$S/slurmctld.log
SlurmdLogFile=$S/slurmd.log
KillWait=10
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
SLURM_CONF=$S/slurm.conf; export SLURM_CONF
unset SLURM_JOB_ID SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID PAUSE

# The daemons that we have started end with us, and no others.
stop_slurm() {
  for daemon in slurmd slurmctld munged; do
    pid=$(cat "$S/$daemon.pid" 2>/dev/null) && kill "$pid" 2>/dev/null
  done
  sleep 1
}
trap 'stop_slurm; chmod -R u+rwX "$DIR"; rm -rf "$DIR"' EXIT
is_idle() { sinfo --noheader --format=%T 2>/dev/null | grep -q idle; }

munged --key-file="$S/munge.key" --socket="$S/munge.sock" --log-file="$S/munged.log" --pid-file="$S/munged.pid" --seed-file="$S/munge.seed" >"$S/out" 2>&1 &&
  slurmctld >>"$S/out" 2>&1 && slurmd >>"$S/out" 2>&1 && until_true 300 is_idle ||
  leave "it does not start here: $(tail -q -n 1 "$S/out" "$S/slurmctld.log" "$S/slurmd.log" 2>/dev/null | tr '\n' ' ')"
echo "# $(slurmd -V) is up: $(sinfo --noheader)"

cd "$DIR" || exit 1
write_study
scenario 1 25 2 700
sed 's/^/# /' array/sweeps/*/cluster/task-3.log
sed -n 's/^.*\(_job_complete\|requeue\|Requeue\)/# \1/p' "$S/slurmctld.log"
finish
