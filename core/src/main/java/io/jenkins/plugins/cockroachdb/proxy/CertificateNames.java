package io.jenkins.plugins.cockroachdb.proxy;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The host names that a server's certificate has, as RFC 6125 reads them. */
record CertificateNames(List<String> names) {

    private static final Integer DNS_NAME = 2;

    /** The DNS names of the subject alternative name; the common name where there is none (RFC 6125, 6.4.4). */
    static CertificateNames of(X509Certificate certificate) {
        List<String> names = dnsNames(certificate);
        return new CertificateNames(List.copyOf(names.isEmpty() ? commonNames(certificate) : names));
    }

    private static List<String> dnsNames(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> each : alternatives) {
                    if (DNS_NAME.equals(each.get(0))) {
                        names.add((String) each.get(1));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            // then it names nobody this way
        }
        return names;
    }

    private static List<String> commonNames(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                            .map(Rdn::getValue)
                            .map(Object::toString)
                            .toList();
        } catch (InvalidNameException e) {
            return List.of();
        }
    }

    /** Whether one of them means the host; in a wildcard, {@code *} is the whole first label and nothing else (6.4.3). */
    boolean include(String host) {
        String wanted = plain(host);
        int dot = wanted.indexOf('.');
        String wildcard = dot < 1 ? null : "*" + wanted.substring(dot);
        return names.stream()
                .map(CertificateNames::plain)
                .anyMatch(name -> name.equals(wanted) || name.equals(wildcard));
    }

    /** Without what makes no difference. */
    private static String plain(String name) {
        String lowerCase = name.toLowerCase(Locale.ROOT);
        return lowerCase.endsWith(".") ? lowerCase.substring(0, lowerCase.length() - 1) : lowerCase;
    }

    /** For a person. */
    String words() {
        return names.isEmpty() ? "nobody" : HookSecrets.printable(String.join(", ", names));
    }
}
