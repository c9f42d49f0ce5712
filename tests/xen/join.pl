#!/usr/bin/perl
#
# join.pl - carries bytes to a port of another host and back, as ssh does for a
# command there: join.pl HOST PORT. Ends with either side. Of perl-base only,
# which every Debian has; large pieces, as the emulated network likes them.
use strict;
use warnings;
use Socket;

my ($host, $port) = @ARGV;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
connect($s, sockaddr_in($port, inet_aton($host)))
    or die "$host port $port: $!\n";
my ($in, $net) = (fileno(STDIN), fileno($s));

sub pass {
	my ($from, $to) = @_;
	my $n = sysread($from, my $bytes, 262144);
	exit 0 unless $n;
	for (my $at = 0; $at < $n;) {
		my $w = syswrite($to, $bytes, $n - $at, $at);
		exit 1 unless defined $w;
		$at += $w;
	}
}

while (1) {
	my $ready = '';
	vec($ready, $in, 1) = 1;
	vec($ready, $net, 1) = 1;
	next if select($ready, undef, undef, undef) < 0;
	pass($s, \*STDOUT) if vec($ready, $net, 1);
	pass(\*STDIN, $s) if vec($ready, $in, 1);
}
