#!/usr/bin/perl
#
# strike.pl - waits until an operation that begins from now on is at a step, as
# its engine's record tells it, and then kills a process or pulls the cable:
# strike.pl VERB STEP VICTIM DELAY [NAME]. DELAY: seconds from there on. In one
# process, because an emulated host needs 50 ms to start another, and a step may
# take less. Of perl-base only.
use strict;
use warnings;
use Time::HiRes qw(time sleep);

my ($verb, $step, $victim, $delay, $name) = @ARGV;
my $dir = '/run/xendeck/ops';
my (%at, %ours);

my %command = (
	engine    => qr/^\S*xendeck\0--engine/,
	helper    => qr/^xendeck-helper\0/,
	# what carries it, and not the one that listens for the next
	transport => qr/^[^\0]*perl\0[^\0]*join\.pl\0|^[^\0]*xendeck\0migrate-receive/,
	model     => qr/\0-name\0\Q$name\E(--incoming)?\0/,
);

sub slurp {
	my ($path, $from) = @_;
	open(my $f, '<', $path) or return '';
	seek($f, $from, 0);
	local $/;
	my $text = <$f>;
	return defined $text ? $text : '';
}

sub records { return grep { m{/\d[^/]*$} } glob("$dir/*") }

# True: one of the operations that began is at the step.
sub reached {
	for my $path (records()) {
		my $text = slurp($path, $at{$path} // 0);
		$text =~ s/[^\n]*\z//; # the last line may be half of one
		$at{$path} = ($at{$path} // 0) + length $text;
		for my $line (split /\n/, $text) {
			$ours{"$path $1"} = 1
			    if $line =~ /^begin (\d+) \Q$verb\E$/;
			return 1 if $line =~ /^set (\d+) step \Q$step\E$/
			    && $ours{"$path $1"};
		}
	}
	return 0;
}

sub victims {
	my @found;
	for my $path (glob '/proc/[0-9]*/cmdline') {
		push @found, $path =~ m{(\d+)}
		    if slurp($path, 0) =~ $command{$victim};
	}
	return @found;
}

sub pull {
	system('ip', 'link', 'set', 'eth0', 'down');
	print "struck: the cable is out at $verb $step\n";
	sleep 90;
	system('ip', 'link', 'set', 'eth0', 'up');
	exit 0;
}

$| = 1;
$at{$_} = -s $_ for records();
my $end = time + 100;
until (reached()) {
	if (time > $end) {
		print "struck: nobody, there was no $verb $step\n";
		exit 0;
	}
	sleep 0.004;
}
sleep $delay;
pull() if $victim eq 'cable';
my @pids = victims();
kill 'KILL', @pids;
print "struck: $victim (", (@pids ? "@pids" : 'there is none'),
    ") at $verb $step\n";
