#!/bin/bash
#
# make-certificates.sh - what hosts need that migrate domains to each other under
# TLS (xendeck.conf(5), TLS): a CA, once, and for each host a directory with
# its key, its certificate and the CA's certificate, to be copied to
# /etc/xendeck/tls there.
#
#   make-certificates.sh [-d DIRECTORY] [-y DAYS] HOST...
#
# HOST: the name that others call it by, or ADDRESS/NAME if they call it by its
# address as well. DIRECTORY: where the CA is, or is made; the present one. Its
# ca.key is needed for further hosts, and nowhere else: keep it off them.
set -eu

dir=. days=825
usage()
{
	sed -n 's/^#   make/usage: make/p' "$0" >&2
	exit 2
}

while getopts d:y: opt; do
	case $opt in
	d) dir=$OPTARG ;;
	y) days=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
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
	    -days "$days" -CA ca.pem -CAkey ca.key -CAcreateserial \
	    -CAserial "$work/serial" -out "$1/certificate.pem" 2>/dev/null
	cp ca.pem "$1/ca.pem"
	echo "$dir/$1: to /etc/xendeck/tls of $1"
	openssl x509 -in "$1/certificate.pem" -noout -fingerprint -sha256 |
		sed 's/^.*=/  sha256:/'
}

for host; do
	case $host in
	*/*) make_host "${host#*/}" "${host%%/*}" ;;
	*) make_host "$host" '' ;;
	esac
done
