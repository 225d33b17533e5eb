#!/usr/bin/perl
# serve.pl DIR PORTFILE -- a small HTTP server on loopback for test_get_data.sh. It serves the
# files of DIR under paths that say how it misbehaves:
#   /good/F      as it should, with ranges       /norange/F  all of it, whatever was asked for
#   /cut/F       promises all, sends half        /wrong/F    the right size, one byte changed
#   /long/F      the file and more               /slow/F     half of it, then waits 5 s
#   anything else: 404
# Requests go to DIR/requests.log, one a line: path and range.
use strict;
use warnings;
use IO::Socket::INET;

my ($directory, $port_file) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5, ReuseAddr => 1) or die "no socket: $!";
open(my $out, '>', "$port_file.new") or die $!;
print $out $server->sockport, "\n";
close $out;
rename "$port_file.new", $port_file;
$SIG{PIPE} = $SIG{CHLD} = 'IGNORE';
$SIG{ALRM} = sub { exit 0 };
alarm 300;    # a test that died must not leave it behind

sub content {
  open(my $in, '<:raw', "$directory/$_[0]") or return;
  local $/;
  return scalar <$in>;
}

while (my $client = $server->accept) {
  next if fork;    # a process a request, so that a slow one holds nobody up
  my ($path, $from) = ('', undef);
  while (my $line = <$client>) {
    $path = $1 if $line =~ m{^GET (\S+)};
    $from = $1 if $line =~ m{^Range: bytes=(\d+)-}i;
    last if $line =~ /^\r?\n$/;
  }
  open(my $log, '>>', "$directory/requests.log") or die $!;
  print $log $path, defined $from ? " $from" : '', "\n";
  close $log;
  my ($manner, $name) = $path =~ m{^/(\w+)/([\w.-]+)$};
  my $bytes = defined $name ? content($name) : undef;
  if (!defined $bytes || $manner !~ /^(good|norange|cut|wrong|long|slow)$/) {
    print $client "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    exit;
  }
  substr($bytes, 3, 1) ^= "\1" if $manner eq 'wrong';
  $bytes .= 'more' if $manner eq 'long';
  my ($total, $status, $range) = (length $bytes, '200 OK', '');
  if (defined $from && $manner ne 'norange') {
    if ($from >= $total) {
      print $client "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      exit;
    }
    ($status, $range) = ('206 Partial Content', "Content-Range: bytes $from-" . ($total - 1) . "/$total\r\n");
    $bytes = substr $bytes, $from;
  }
  print $client "HTTP/1.1 $status\r\n${range}Content-Length: ", length $bytes, "\r\nConnection: close\r\n\r\n";
  $bytes = substr $bytes, 0, length($bytes) / 2 if $manner eq 'cut' || $manner eq 'slow';
  print $client $bytes;
  $client->flush;
  sleep 5 if $manner eq 'slow';
  exit;
} continue {
  close $client;
}
