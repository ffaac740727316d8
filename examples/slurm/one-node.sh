#!/bin/bash
# Really runs the job array of sweep.sbatch: a Slurm of one node, set up in a temporary folder on this machine and taken
# down again. Needs slurmctld, slurmd, slurm-client and munge (their Debian packages), and root, as slurmd does.
#
#   npm run build && examples/slurm/one-node.sh
#
# It ends with 0 only if the counts of seven shards, counted by an array of jobs and merged by a job that waits for it,
# are byte for byte those of one run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d /tmp/one-node.XXXXXX)
host=$(hostname -s)
cpus=$(nproc)
pids=()

end() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT

mkdir "$work/state" "$work/spool" "$work/bin" "$work/run"
chmod 755 "$work"
cat >"$work/bin/snn-energy" <<END
#!/bin/sh
exec node "$root/dist/cli/main.js" "\$@"
END
chmod +x "$work/bin/snn-energy"
export PATH="$work/bin:$PATH"

dd if=/dev/urandom of="$work/munge.key" bs=1024 count=1 status=none
chmod 600 "$work/munge.key"
munged --foreground --force --key-file "$work/munge.key" --socket "$work/munge.socket" --pid-file "$work/munged.pid" \
	--log-file "$work/munged.log" --seed-file "$work/munge.seed" 2>"$work/munged.out" &
pids+=($!)

cat >"$work/slurm.conf" <<END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MinJobAge=3600
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=2048 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$work/slurm.conf"
until [ -S "$work/munge.socket" ]; do sleep 0.2; done
slurmctld -D 2>/dev/null &
pids+=($!)
slurmd -D -N "$host" 2>/dev/null &
pids+=($!)
for _ in $(seq 120); do
	sinfo -h -o %T 2>/dev/null | grep -q idle && break
	sleep 0.5
done
sinfo

fixture="$root/test/fixtures/a-snntorch-conv-step"
cd "$work/run"
snn-energy batch plan "$fixture/model.onnx" -T 6 --data "$fixture/inputs.npy" --labels "$fixture/labels.npy" \
	--profile 45nm --profile loihi --shards 7 --out sweep
# The memory asked for is that of a real run; this network needs less, and the machine may be small.
id=$(sbatch --parsable --mem=200M --array=1-"$(wc -l <sweep/jobs.txt)" "$here/sweep.sbatch" sweep)
finish=$(sbatch --parsable --mem=200M --dependency=afterok:"$id" --wrap 'sh sweep/finish.sh')
squeue
while squeue -h | grep -q .; do sleep 1; done
scontrol --oneliner show job "$id" | grep -oE 'ArrayTaskId=[0-9]+|JobState=[A-Z]+|RunTime=[0-9:]+|ExitCode=[0-9:]+' | paste -sd '   \n'
scontrol --oneliner show job "$finish" | grep -oE 'JobState=[A-Z]+|ExitCode=[0-9:]+' | paste -sd ' '

snn-energy analyze "$fixture/model.onnx" -T 6 --data "$fixture/inputs.npy" --labels "$fixture/labels.npy" \
	--save-activity whole.activity.json --format csv --out whole.csv
cmp whole.activity.json sweep/counts/model.T6.activity.json
sha256sum whole.activity.json sweep/counts/model.T6.activity.json
ls sweep/counts sweep/results sweep/sweep.csv
echo 'The merged counts of seven jobs are byte for byte those of one run.'
