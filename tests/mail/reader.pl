# What Perl's Email::MIME and Email::Address::XS read in a message: length and message on standard input, JSON out.
use strict;
use warnings;
use Email::MIME;
use Email::MIME::ContentType qw(parse_content_disposition);
use Email::Address::XS;
use JSON::PP;

$| = 1;
binmode STDIN;
binmode STDOUT;

sub mailboxes {
    my ($message, $field) = @_;
    my $raw = $message->header_raw($field);
    return [] unless defined $raw;
    utf8::decode($raw);
    # Parsed before it is decoded: a decoded name may hold what looks like an address.
    return [map { [Email::MIME::Encode::mime_decode($_->phrase // ''), quoted($_->user) . '@' . $_->host] }
        grep { $_->is_valid } Email::Address::XS->parse($raw)];
}

# Its own form leaves out quotes that are needed, around two dots.
sub quoted {
    my ($local) = @_;
    $local =~ s/(["\\])/\\$1/g;
    return qq("$local");
}

sub leaves {
    my ($part) = @_;
    return map { leaves($_) } $part->subparts if $part->subparts;
    my $type = $part->content_type;
    $type =~ s/;.*//s;
    # Not its "filename": that takes a file called 0 for one without a name.
    my $disposition = $part->header('Content-Disposition');
    my $name = $disposition && parse_content_disposition($disposition)->{attributes}{filename};
    return {type => $type, name => $name, content => unpack('H*', $part->body)};
}

while (defined(my $length = <STDIN>)) {
    my $raw = '';
    while (length $raw < $length) {
        read(STDIN, $raw, $length - length $raw, length $raw) or die "a message that ends too early";
    }
    my $message = Email::MIME->new($raw);
    print encode_json({
        subject => scalar $message->header_str('Subject'),
        from => mailboxes($message, 'From'), to => mailboxes($message, 'To'), cc => mailboxes($message, 'Cc'),
        parts => [leaves($message)],
    }), "\n";
}
