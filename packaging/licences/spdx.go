package main

import (
	"encoding/json"
	"fmt"
	"regexp"
)

// The types below are the part of SPDX 2.3 that the document uses
// (https://spdx.github.io/spdx-spec/v2.3/).
type spdxDocument struct {
	SPDXVersion       string             `json:"spdxVersion"`
	DataLicense       string             `json:"dataLicense"`
	SPDXID            string             `json:"SPDXID"`
	Name              string             `json:"name"`
	DocumentNamespace string             `json:"documentNamespace"`
	CreationInfo      spdxCreation       `json:"creationInfo"`
	Packages          []spdxPackage      `json:"packages"`
	Extracted         []spdxExtracted    `json:"hasExtractedLicensingInfos,omitempty"`
	Relationships     []spdxRelationship `json:"relationships"`
}

type spdxCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	Name             string         `json:"name"`
	SPDXID           string         `json:"SPDXID"`
	VersionInfo      string         `json:"versionInfo"`
	DownloadLocation string         `json:"downloadLocation"`
	FilesAnalyzed    bool           `json:"filesAnalyzed"`
	LicenseConcluded string         `json:"licenseConcluded"`
	LicenseDeclared  string         `json:"licenseDeclared"`
	CopyrightText    string         `json:"copyrightText"`
	ExternalRefs     []spdxExternal `json:"externalRefs,omitempty"`
}

type spdxExternal struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type spdxExtracted struct {
	LicenseID string `json:"licenseId"`
	Text      string `json:"extractedText"`
}

type spdxRelationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

const (
	documentID = "SPDXRef-DOCUMENT"
	programID  = "SPDXRef-dossier"
	noValue    = "NOASSERTION"
)

var notInID = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

// idOf returns a text as the variable part of an SPDX identifier.
func idOf(text string) string { return notInID.ReplaceAllString(text, "-") }

// documentOf returns the SPDX document of a release: the program and the modules it is linked with. Its namespace,
// which no other document may have, is that of the commit: two commits can be tried under one version.
func documentOf(r release, modules []module) ([]byte, error) {
	d := spdxDocument{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: documentID, Name: "dossier-" + r.version,
		DocumentNamespace: "https://spdx.org/spdxdocs/dossier-" + r.version + "-" + r.commit,
		CreationInfo:      spdxCreation{Created: r.created, Creators: []string{"Tool: dossier/packaging/licences"}},
		Packages: []spdxPackage{{
			Name: "dossier", SPDXID: programID, VersionInfo: r.version, DownloadLocation: noValue,
			LicenseConcluded: "Apache-2.0", LicenseDeclared: "Apache-2.0", CopyrightText: noValue,
		}},
		Relationships: []spdxRelationship{{documentID, "DESCRIBES", programID}},
	}
	for _, m := range modules {
		id := "SPDXRef-" + idOf(m.Path)
		d.Packages = append(d.Packages, spdxPackage{
			Name: m.Path, SPDXID: id, VersionInfo: m.Version, DownloadLocation: noValue,
			LicenseConcluded: noValue, LicenseDeclared: m.expression(), CopyrightText: noValue,
			ExternalRefs: []spdxExternal{{"PACKAGE-MANAGER", "purl", fmt.Sprintf("pkg:golang/%s@%s", m.Path, m.Version)}},
		})
		for _, l := range m.licences {
			if l.extracted {
				d.Extracted = append(d.Extracted, spdxExtracted{l.ids[0], l.text})
			}
		}
		d.Relationships = append(d.Relationships, spdxRelationship{programID, "DEPENDS_ON", id})
	}
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}
