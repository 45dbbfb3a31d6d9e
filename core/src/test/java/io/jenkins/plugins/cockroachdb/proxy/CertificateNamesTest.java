package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateNamesTest {

    @Test
    void theCommonNameCountsOnlyWhereThereIsNoOther() {
        assertThat(CertificateNames.of(new HeldCertificate.Builder()
                                .commonName("node")
                                .addSubjectAlternativeName("orders.example.com")
                                .addSubjectAlternativeName("*.example.com")
                                .addSubjectAlternativeName("127.0.0.1")
                                .build()
                                .certificate())
                        .names())
                .containsExactly("orders.example.com", "*.example.com");
        assertThat(CertificateNames.of(new HeldCertificate.Builder()
                                .commonName("orders, east")
                                .organizationalUnit("CN=nobody")
                                .addSubjectAlternativeName("127.0.0.1")
                                .build()
                                .certificate())
                        .names())
                .containsExactly("orders, east");
    }

    @ParameterizedTest
    @CsvSource({
        "orders.example.com,   orders.example.com,      true",
        "Orders.Example.com.,  orders.example.COM,      true",
        "orders.example.com,   orders.example.com.,     true",
        "*.example.com,        orders.example.com,      true",
        "*.Example.com,        ORDERS.example.com,      true",
        "*.example.com,        example.com,             false",
        "*.example.com,        a.orders.example.com,    false",
        "*.example.com,        .example.com,            false",
        "o*.example.com,       orders.example.com,      false",
        "orders.*.com,         orders.example.com,      false",
        "*,                    localhost,               false",
        "example.com,          orders.example.com,      false"
    })
    void aNameMeansAHost(String name, String host, boolean means) {
        assertThat(new CertificateNames(List.of("other.example.com", name)).include(host))
                .isEqualTo(means);
    }
}
