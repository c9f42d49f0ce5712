#!/bin/bash
#
# make-certificates.sh - what hosts need that migrate domains to each other under
# TLS (xendeck.conf(5), TLS): a CA, once, and for each host a directory with
# its key, its certificate and the CA's certificate, to be copied to
# /etc/xendeck/tls there.
#
#   make-certificates.sh [-d DIRECTORY] [-y DAYS] HOST...
#   make-certificates.sh -r [-d DIRECTORY] [-y DAYS] HOST...
#
# -r: the certificates of these hosts are revoked, and of those before them:
# ca.crl is to be copied to all others (tls_crl), and is good for so many DAYS
# (30); made again without a HOST it says the same for as long again.
# HOST: the name that others call it by, or ADDRESS/NAME if they call it by its
# address as well. DIRECTORY: where the CA is, or is made; the present one. Its
# ca.key is needed for further hosts, and nowhere else: keep it off them.
set -eu

dir=. days='' revoke=''
usage()
{
	sed -n 's/^#   make/usage: make/p' "$0" >&2
	exit 2
}

while getopts d:ry: opt; do
	case $opt in
	d) dir=$OPTARG ;;
	r) revoke=1 ;;
	y) days=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || [ -n "$revoke" ] || usage
command -v openssl >/dev/null || {
	echo "openssl is missing: apt-get install openssl" >&2
	exit 1
}
umask 077
mkdir -p "$dir"
cd "$dir"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_key()
{
	openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

if [ ! -e ca.key ]; then
	make_key ca.key
	openssl req -x509 -new -key ca.key -sha256 -days 3650 \
	    -subj "/CN=xendeck CA of $(uname -n)" \
	    -addext 'basicConstraints=critical,CA:TRUE' \
	    -addext 'keyUsage=critical,keyCertSign,cRLSign' -out ca.pem
	echo "$dir/ca.key: the CA's key, for further hosts"
fi

# make_host NAME ADDRESS
make_host()
{
	local names="DNS:$1"

	[ -z "$2" ] || names="$names,IP:$2"
	mkdir -p "$1"
	make_key "$1/key.pem"
	openssl req -new -key "$1/key.pem" -subj "/CN=$1" -out "$work/csr"
	cat >"$work/ext" <<-END
		basicConstraints = CA:FALSE
		keyUsage = digitalSignature
		extendedKeyUsage = serverAuth, clientAuth
		subjectAltName = $names
	END
	openssl x509 -req -in "$work/csr" -extfile "$work/ext" -sha256 \
	    -days "${days:-825}" -CA ca.pem -CAkey ca.key -CAcreateserial \
	    -CAserial "$work/serial" -out "$1/certificate.pem" 2>/dev/null
	cp ca.pem "$1/ca.pem"
	echo "$dir/$1: to /etc/xendeck/tls of $1"
	openssl x509 -in "$1/certificate.pem" -noout -fingerprint -sha256 |
		sed 's/^.*=/  sha256:/'
}

# ca DO...: what openssl keeps of the revoked is in the directory of the CA.
ca()
{
	cat >"$work/ca.conf" <<-END
		[ca]
		default_ca = here
		[here]
		database = $PWD/ca.index
		default_md = sha256
	END
	touch ca.index
	openssl ca -config "$work/ca.conf" -keyfile ca.key -cert ca.pem "$@" \
	    2>"$work/said" || { cat "$work/said" >&2; exit 1; }
}

if [ -n "$revoke" ]; then
	for host; do
		ca -revoke "${host#*/}/certificate.pem"
	done
	ca -gencrl -crldays "${days:-30}" -out ca.crl
	chmod 644 ca.crl
	echo "$dir/ca.crl: to all hosts, see tls_crl in xendeck.conf(5)"
	exit
fi

for host; do
	case $host in
	*/*) make_host "${host#*/}" "${host%%/*}" ;;
	*) make_host "$host" '' ;;
	esac
done
