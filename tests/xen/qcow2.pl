#!/usr/bin/perl
#
# qcow2.pl FILE IMAGE - a qcow2 image (version 2) of a raw disk of at most
# 512 MiB, every cluster of it: header, table and block of reference counts, both
# levels of the map, the data.
use strict;
use warnings;

my $cluster = 65536;
my ($file, $image) = @ARGV;
my $size = -s $file;
my $n = int(($size + $cluster - 1) / $cluster);
die "$file is too large\n" if $n > 8192;

open(my $in, '<:raw', $file) or die "$file: $!\n";
open(my $out, '>:raw', $image) or die "$image: $!\n";

# put(TEXT): one cluster.
sub put
{
	my $text = shift;

	print $out $text, "\0" x ($cluster - length $text) or die "$image: $!\n";
}

my $copied = 1 << 63;
put(pack('a4 N Q> N N Q> N N Q> Q> N N Q>', "QFI\xfb", 2, 0, 0, 16, $size, 0,
    1, 3 * $cluster, $cluster, 1, 0, 0));
put(pack('Q>', 2 * $cluster));
put(pack('n*', (1) x ($n + 5)));
put(pack('Q>', $copied | 4 * $cluster));
put(pack('Q>*', map { $copied | (5 + $_) * $cluster } 0 .. $n - 1));
while (read($in, my $bytes, $cluster)) {
	put($bytes);
}
close($out) or die "$image: $!\n";
